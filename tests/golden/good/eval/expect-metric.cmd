bouton eval small.safetensors --expect "loss >= 1"
