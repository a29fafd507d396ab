bouton train maps.btn >/dev/null 2>&1; bouton eval maps.safetensors --quantize --quantize-loss 50 | sed -E "s/[0-9]+\.[0-9]+/#/g; s/-#/#/; s/\(# of/(# of/; s/\([0-9]+ of/(# of/; s/ +/ /g" | head -11
