bouton train small.btn >/dev/null 2>&1; bouton eval small.safetensors --json | sed -E "s/[0-9.]+/#/g; s/\[#(, #)*\]/[#]/g; s/\[#\](, \[#\])*/[#]/"
