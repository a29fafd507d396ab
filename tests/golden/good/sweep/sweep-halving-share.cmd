bouton sweep small.btn --set width=2,3,4,5,6,7,8,9 --set rounds=4 --jobs 1 -o runs --halving --csv 2>/dev/null | cut -d, -f1,3 | sort -t, -k2 | cut -d, -f2 | uniq -c
bouton sweep --collect runs --json | tr -d '\n ' | grep -o '"difference":[^,]*' | sort | uniq -c; bouton sweep --collect runs --json | tr -d '\n ' | grep -c 'accuracies":\[null'
sed -i 's/"trained": \[/&"x", /' runs/sweep.json; bouton sweep --collect runs
