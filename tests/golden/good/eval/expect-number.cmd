bouton eval small.safetensors --expect "accuracy >= 97"
