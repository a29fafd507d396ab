bouton train encoded.btn >/dev/null 2>&1; sed "s/patches of 5x5/patches of 3x3/" encoded.safetensors >other.safetensors
bouton eval other.safetensors
