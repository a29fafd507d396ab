bouton train small.btn --seed 1 -o 1.safetensors >/dev/null 2>&1; bouton train small.btn --seed 2 -o 2.safetensors >/dev/null 2>&1
cmp -s 1.safetensors 2.safetensors || echo different bytes
