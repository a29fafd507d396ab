bouton train small.btn >/dev/null 2>&1; bouton eval small.safetensors --expect "accuracy >= 20%" | tail -1
