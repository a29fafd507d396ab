bouton train small.btn >/dev/null 2>&1; bouton build small.safetensors --target=wasm32 --cpu=x86-64-v3 --emit=obj
