bouton train winners.btn -o winners.safetensors; bouton eval winners.safetensors --cpu generic --data . | head -3
bouton train winners.btn -o other.safetensors --cpu native --threads 3 >/dev/null 2>&1; bouton train winners.btn -o one.safetensors --cpu native --threads 1 >/dev/null 2>&1; cmp other.safetensors one.safetensors && echo same for any number of threads
bouton eval winners.safetensors --quantize --quantize-loss 50 | sed -E "s/[0-9]+\.[0-9]+/#/g; s/-#/#/; s/\(# of/(# of/; s/\([0-9]+ of/(# of/; s/ +/ /g" | head -11
