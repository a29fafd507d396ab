bouton train small.btn --seed
