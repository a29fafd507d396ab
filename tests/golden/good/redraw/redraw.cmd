bouton train colours.btn && bouton redraw colours.safetensors flat.ppm -o flat.png --expect "psnr >= 60"; bouton redraw colours.safetensors flat.png -o again.png && cmp flat.png again.png
