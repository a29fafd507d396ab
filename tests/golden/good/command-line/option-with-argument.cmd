bouton eval small.safetensors --json=yes
