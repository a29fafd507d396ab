bouton train small.btn -o check
