bouton train small.btn >/dev/null 2>&1; bouton train small.btn --set width=30 -o wide.safetensors >/dev/null 2>&1
bouton report small.safetensors wide.safetensors; bouton report small.safetensors wide.safetensors --threads 1 -o again.html; cmp report.html again.html && grep -o '<h[12]>.*</h[12]>' report.html
