for n in 1 2 3; do bouton train small.btn --threads $n -o $n.safetensors >/dev/null 2>&1; done
cmp 1.safetensors 2.safetensors && cmp 1.safetensors 3.safetensors && echo the same bytes
