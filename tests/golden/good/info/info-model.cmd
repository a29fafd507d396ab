bouton train small.btn >/dev/null 2>&1; bouton info small.safetensors --data . | sed -n "/seed/p; /^trained state/,\$p" | sed -E "s/[0-9]+\.[0-9]+/#/g; s/  +/  /g"
