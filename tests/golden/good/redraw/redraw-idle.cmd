bouton train colours.btn --set M=6 >/dev/null 2>&1; bouton redraw colours.safetensors flat.ppm -o flat.png
