bouton check small.btn --set width
