bouton sweep small.btn --seeds 1..2
