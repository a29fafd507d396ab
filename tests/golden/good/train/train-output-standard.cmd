bouton train small.btn -o -
