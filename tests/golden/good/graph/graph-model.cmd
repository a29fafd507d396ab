bouton train small.btn --set rounds=2 >/dev/null 2>&1; bouton graph small.safetensors -o m.svg; sed -n 's/^<text.*>\(.*\)<.text>$/\1/p' m.svg | sed 's/[0-9.]*%/#%/g'
bouton draw 3 -o three.png; bouton graph small.safetensors --sample three.png -o s.svg; sed -n 's/^<text.*>\(.*\)<.text>$/\1/p' s.svg | sed -E 's/[0-9,]+ (live|weaker)/# \1/; s/: [0-9]/: #/'
bouton graph small.safetensors --sample three.png -o s.png; head -c 4 s.png | od -c | head -1
