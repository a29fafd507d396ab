bouton train small.btn >/dev/null 2>&1; bouton build small.safetensors --emit=obj --cpu=x86-64-v3 -v | sed -E "s/\([0-9,]+ bytes/(# bytes/; s/for x86-64-v3 \(.*\)/for x86-64-v3 (#)/"
