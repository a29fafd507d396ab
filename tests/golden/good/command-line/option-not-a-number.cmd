bouton train small.btn --seed -1
