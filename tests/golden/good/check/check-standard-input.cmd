bouton check - <small.btn
