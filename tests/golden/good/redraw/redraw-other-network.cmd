bouton train small.btn >/dev/null 2>&1; bouton redraw small.safetensors flat.ppm
