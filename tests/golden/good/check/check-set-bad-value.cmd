bouton check small.btn --set width=0
