bouton train small.btn --check -o checked.safetensors >/dev/null 2>&1; bouton train small.btn >/dev/null 2>&1; cmp checked.safetensors small.safetensors && echo the same bytes
bouton eval small.safetensors --check | head -1; bouton draw 3 -o three.png >/dev/null; bouton predict --check small.safetensors three.png | cut -c1-9
(echo "rule printed;"; cat small.btn) >printed.btn; bouton train printed.btn --check 2>&1 | grep -v "^learn " | sed "s/within [0-9]* samples/within # samples/; s/neuron [0-9]*, input [0-9]*: alpha is [0-9.e+-]*/neuron #, input #: alpha is #/"
