bouton sweep small.btn -o runs >/dev/null 2>&1; sed -i "s/\"seeds\"/\"sods\"/" runs/sweep.json; bouton sweep --collect runs
