bouton eval small.safetensors --quantize --bits 5
