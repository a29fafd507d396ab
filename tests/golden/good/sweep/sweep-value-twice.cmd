bouton sweep small.btn --set width=5,10,5 -o runs
