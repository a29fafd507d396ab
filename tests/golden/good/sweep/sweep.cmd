bouton sweep small.btn --seeds 1..2 --set width=5,10 --set rounds=1 --jobs 1 -o runs
