bouton train small.btn --sede 3
