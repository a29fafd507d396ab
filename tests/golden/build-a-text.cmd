bouton build small.btn
