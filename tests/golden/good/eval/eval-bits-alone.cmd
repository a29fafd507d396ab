bouton eval small.safetensors --bits 4
