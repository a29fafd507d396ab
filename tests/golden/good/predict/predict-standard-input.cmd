bouton train small.btn >/dev/null 2>&1; bouton draw 0 -o zero.png; bouton predict small.safetensors - <zero.png | sed "s/:.*/: .../"
