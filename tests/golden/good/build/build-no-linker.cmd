bouton train small.btn >/dev/null 2>&1; program=$(command -v bouton); PATH=/nonexistent "$program" build small.safetensors; ls small
