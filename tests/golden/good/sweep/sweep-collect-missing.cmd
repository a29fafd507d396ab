bouton sweep small.btn --seeds 1..2 --set width=5,10 -o runs --shard 1/2 2>/dev/null
bouton sweep --collect runs --expect "mean accuracy >= 1%"
