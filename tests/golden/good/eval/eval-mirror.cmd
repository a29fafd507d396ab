bouton train small.btn >/dev/null 2>&1; bouton eval small.safetensors --mirror | head -2; bouton eval small.safetensors --mirror --expect "accuracy >= 20%" --on validation --threads 2 | tail -1
bouton eval small.safetensors --mirror --json | sed -E "s/[0-9.]+/#/g; s/\[#(, #)*\]/[#]/g; s/\[#\](, \[#\])*/[#]/"
bouton eval small.safetensors --mirror --json --threads 1 >1; bouton eval small.safetensors --mirror --json --threads 2 >2; cmp 1 2 && echo the same result
bouton eval small.safetensors --json >3; cmp -s 1 3 || echo another result
