bouton predict small.safetensors 7.png --json --csv
