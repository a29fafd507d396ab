bouton eval small.safetensors --quantize-loss 1
