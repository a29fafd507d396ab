sed "s/batch 8;/batch 8;  shift 8;  flips;  cutout 14;/" small.btn >cut.btn; bouton fmt cut.btn; sed -n "19,27p" cut.btn; bouton dump cut.btn | sed -n "/shift/,/keep/p"
bouton train cut.btn -o 1.safetensors --threads 1 >/dev/null 2>&1; bouton train cut.btn -o 2.safetensors --threads 2 >/dev/null 2>&1
cmp 1.safetensors 2.safetensors && echo the same bytes
sed "s/cutout 14/cutout 13/" cut.btn >other.btn; bouton train other.btn -o 3.safetensors >/dev/null 2>&1; cmp -s 1.safetensors 3.safetensors || echo different bytes
