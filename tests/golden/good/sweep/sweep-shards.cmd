for part in 1 2 3; do bouton sweep small.btn --seeds 1..2 --set width=5,10 --jobs 1 -o runs --shard $part/3; done
bouton sweep --collect runs >collected.txt
bouton sweep small.btn --seeds 1..2 --set width=5,10 -o whole 2>/dev/null | cmp - collected.txt && echo the same table
