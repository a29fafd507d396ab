bouton check nowhere.btn
