bouton train small.btn >/dev/null 2>&1; bouton eval small.safetensors --expect "accuracy >= 0.995" --json >/dev/null
