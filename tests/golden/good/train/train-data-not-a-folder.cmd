bouton train files.btn --data small.btn
