awk 'BEGIN { for (i = 0; i < 400; i++) print (i * 37) % 101 / 101, (i * 53) % 103 / 103, (i * 71) % 107 / 107, i % 20 == 0 }' | tr ' ' , >rare.csv
rare() { printf 'network rare { input vector(3); layer class = dense(2); }\ndata d { csv train "rare.csv"; values in [0, %s]; %s }\nschedule { phase p { correct class; epochs 4; %s } }\n' "$1" "$2" "$3" >rare.btn
  bouton train rare.btn --force 2>&1 >/dev/null | grep -v epoch; echo; }
rare 1; bouton eval rare.safetensors --on train --json >/dev/null; echo "held out:"; rare 1 'hold out 10% of train as validation;'
echo "weighted:"; rare 1 '' 'weight classes by rarity;'; sed 's/,[01]$/,1/' rare.csv >one; mv rare.csv many; mv one rare.csv; echo "one label:"; rare 1
