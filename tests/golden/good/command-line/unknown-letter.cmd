bouton train small.btn -q
