bouton train small.btn >/dev/null 2>&1; CROSS_COMPILE= PATH=nowhere "$(command -v bouton)" build small.safetensors --target=ppc64le; bouton build small.safetensors --target=wasm32 --emit=exe
