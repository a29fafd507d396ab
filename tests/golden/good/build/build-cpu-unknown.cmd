bouton train small.btn >/dev/null 2>&1; bouton build small.safetensors --cpu=x86-64-v3,x86-64-v44; ls small
