bouton train small.btn -o small.btn
