bouton train colours.btn --set M=2 >/dev/null 2>&1; bouton redraw colours.safetensors flat.ppm --json --expect "psnr >= 90"; echo $?; ls redrawn.png
