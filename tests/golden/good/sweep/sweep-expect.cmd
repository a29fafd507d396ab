bouton sweep small.btn --seeds 1..2 -o runs --expect "mean accuracy >= 20%" 2>/dev/null; echo $?
bouton sweep small.btn --seeds 1..2 -o runs --expect "mean accuracy >= 100%" 2>/dev/null; echo $?
bouton sweep small.btn --seeds 1..2 -o runs --expect "accuracy >= 20%"
