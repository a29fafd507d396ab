bouton predict small.safetensors
