bouton sweep small.btn --set widht=5,10 -o runs
