bouton sweep small.btn --seeds 1,3 --set width=5,10 -o runs --json 2>/dev/null | sed "s/-\{0,1\}[0-9]\.[0-9e-]*/#/"
