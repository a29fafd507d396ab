bouton sweep small.btn --seeds 3 --set width=7 -o runs >/dev/null 2>&1
bouton train small.btn --seed 3 --set width=7 -o alone.safetensors >/dev/null 2>&1
cmp runs/*/model.safetensors alone.safetensors && echo the same model
