bouton redraw colours.btn flat.ppm; bouton redraw colours.safetensors flat.ppm -o flat.ppm; bouton redraw colours.safetensors
