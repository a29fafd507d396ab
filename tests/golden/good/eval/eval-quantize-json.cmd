bouton train small.btn >/dev/null 2>&1; bouton eval small.safetensors --quantize --quantize-loss 5 --json | sed -E "s/[0-9.]+(e-[0-9]+)?/#/g; s/-#/#/; s/\[#(, #)*\]/[#]/g; s/\[#\](, \[#\])*/[#]/"
