bouton train small.btn --set rounds=1 >/dev/null 2>&1; bouton draw 0 -o zero.png; cp zero.png one.png
bouton predict small.safetensors zero.png --why --csv; bouton predict small.safetensors zero.png -o why.png; bouton predict small.safetensors zero.png --why -o zero.png
bouton predict small.safetensors zero.png --why=10; bouton predict small.safetensors zero.png --why=zero; bouton predict small.safetensors zero.png --why -o nowhere/why.png
bouton predict small.safetensors zero.png one.png --why -o why.png >/dev/null
mkdir set; cp zero.png one.png set; bouton predict small.safetensors set --why -o why.png >/dev/null
