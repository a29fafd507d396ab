bouton train maps.btn -o maps.safetensors
