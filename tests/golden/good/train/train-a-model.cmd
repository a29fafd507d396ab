bouton train small.btn >/dev/null 2>&1; bouton train small.safetensors
