bouton sweep small.btn -o small.btn
