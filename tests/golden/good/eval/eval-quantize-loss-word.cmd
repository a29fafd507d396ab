bouton eval small.safetensors --quantize --quantize-loss 1%
