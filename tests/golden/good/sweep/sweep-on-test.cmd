bouton sweep small.btn --seeds 1..2 --set width=5,10 --on test -o runs 2>/dev/null
