bouton train small.btn -o nowhere/small.safetensors
