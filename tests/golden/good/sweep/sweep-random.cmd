bouton sweep small.btn --set width=5,6,7,8 --set rounds=1,2 --random 3 --jobs 1 -o runs --csv 2>/dev/null | cut -d, -f1,2
bouton sweep small.btn --set width=5,6,7,8 --set rounds=1,2 --random 3 --random-seed 2 --jobs 1 -o runs --csv 2>/dev/null | cut -d, -f1,2
bouton sweep small.btn --set width=5,6 --random 3 --jobs 1 -o runs --csv 2>/dev/null | cut -d, -f1
