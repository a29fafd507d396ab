bouton train small.btn >/dev/null 2>&1; bouton eval small.safetensors --quantize --bits 4 --quantize-loss 50 | sed -E "s/[0-9]+\.[0-9]+/#/g; s/-#/#/; s/\([0-9]+ of/(# of/; s/ +/ /g" | head -8
bouton eval small.safetensors --quantize --bits 4 --quantize-loss 50 --json | grep -o '"bits": [0-9]*'
