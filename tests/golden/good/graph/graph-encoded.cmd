bouton graph encoded.btn -o e.svg --set x=1; bouton graph encoded.btn -o e.svg && sed -n 's/^<text.*>\(.*\)<.text>$/\1/p' e.svg | head -14
