bouton sweep small.btn --seeds 1..10000 --set width=5,10 -o runs
