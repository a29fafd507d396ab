bouton train small.btn >/dev/null 2>&1; bouton draw 0 -o zero.png; bouton predict small.safetensors zero.png zero.png --json | sed -E "s/[0-9.]+(e-?[0-9]+)?([],])/#\2/g"
