bouton check small.btn
