bouton train small.btn >/dev/null 2>&1; bouton build small.safetensors --target=aarch64
