bouton sweep small.btn --set width=2,30 --jobs 1 -o runs --halving
bouton sweep --collect runs >again.txt; bouton sweep small.btn --set width=2,30 -o runs --halving 2>/dev/null | cmp - again.txt && echo the same table
