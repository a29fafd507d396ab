bouton dump small.btn
