bouton sweep small.btn --seeds 5..1 -o runs
