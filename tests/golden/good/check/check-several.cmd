bouton check nowhere.btn small.btn
