bouton train small.btn
