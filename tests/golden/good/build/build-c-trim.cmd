bouton train small.btn >/dev/null 2>&1; bouton build small.safetensors --trim; bouton build small.safetensors --emit=c --trim -o net | grep values
