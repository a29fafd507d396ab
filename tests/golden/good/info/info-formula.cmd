bouton info formula.btn
