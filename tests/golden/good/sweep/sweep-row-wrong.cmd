bouton sweep small.btn --set width=5,0 -o runs
