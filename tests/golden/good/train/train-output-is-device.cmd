bouton train small.btn -o /dev/null
