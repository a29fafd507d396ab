bouton train maps.btn >/dev/null 2>&1; bouton info maps.safetensors --data . | sed -n "/^trained by/p; /^trained state/,\$p" | sed -E "s/[0-9]+\.[0-9]+%?/#/g; s/  +/  /g"
