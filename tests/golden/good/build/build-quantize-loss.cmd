sed "s/dense(width);/dense(width) { range [0, 0.995]; }/; s/rounds = 2/rounds = 4/; s/0.05 on class/0.005 on class/" small.btn >coarse.btn
bouton train coarse.btn --cpu=generic -o coarse.safetensors >/dev/null 2>&1
bouton build coarse.safetensors -o built --cpu=generic --quantize >/dev/null 2>said; status=$?; sed -E "s/[0-9]+\.[0-9]+/#/g" said >&2; exit $status
