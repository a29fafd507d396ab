bouton train tied.btn -o tied.safetensors >/dev/null 2>&1; bouton draw 3 -o three.png
bouton predict tied.safetensors three.png >said; bouton predict tied.safetensors three.png --why >why
[ "$(sed 's/.*: \([0-9]*\) .*/\1/; q' said)" = "$(sed -n 's/^  why \([0-9]*\): drive .*/\1/p' why)" ] && echo the answer is told why
grep -c nan why; bouton graph tied.safetensors --sample three.png -o live.svg; bouton info tied.btn | grep encoded
