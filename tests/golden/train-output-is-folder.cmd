bouton train small.btn -o bad
