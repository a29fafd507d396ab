bouton train small.btn --set rounds=6 >/dev/null 2>&1; bouton draw 0 -o zero.png
bouton predict small.safetensors zero.png --why -o why.png | sed -E "s/[0-9]+\.[0-9]+/#/g; s/(row|column|next) [0-9]+/\1 #/g" | uniq -c; head -c 4 why.png | od -c | head -1
bouton predict small.safetensors zero.png --why=3 | sed -n "s/: drive .*//; 2p"
bouton predict small.safetensors zero.png --why --json | grep -o '"why": {"label": 0\|"height": 28, "width": 28, "channels": 1, "adds"'
