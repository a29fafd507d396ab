bouton build small.safetensors --emit=object
