bouton trian digits.btn
