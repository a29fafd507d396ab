bouton train files.btn
