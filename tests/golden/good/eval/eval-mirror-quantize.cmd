bouton train small.btn >/dev/null 2>&1; bouton eval small.safetensors --mirror --quantize --quantize-loss 5 | sed -E "s/[0-9]+\.[0-9]+/#/g; s/-#/#/; s/\([0-9]+ of/(# of/; s/ +/ /g" | head -3
bouton eval small.safetensors --mirror --quantize --quantize-loss 5 --json | grep -o '"mirror": true'
