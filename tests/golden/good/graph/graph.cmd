bouton graph maps.btn && sed -n 's/^<text.*>\(.*\)<.text>$/\1/p' maps.svg; bouton graph maps.btn -o maps.dot; cat maps.dot
