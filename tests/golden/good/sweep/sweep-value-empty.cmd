bouton sweep small.btn --set width=5,,10 -o runs
