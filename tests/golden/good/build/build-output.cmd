bouton train small.btn >/dev/null 2>&1; for out in - small.safetensors nowhere/digits folder/ folder; do bouton build small.safetensors -o "$out"; echo "status $?"; done
