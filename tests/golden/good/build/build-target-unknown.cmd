bouton train small.btn >/dev/null 2>&1; bouton build small.safetensors --target=arch64 --emit=obj; bouton build small.safetensors --target=vax --emit=obj
