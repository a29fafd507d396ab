bouton sweep small.btn --set width=5 --set width=10 -o runs
