{ cat small.btn; echo "sweep width in 5, 10;"; } >many.btn
bouton train many.btn --set width=10 -o one.safetensors >/dev/null 2>&1
bouton sweep many.btn -o runs >/dev/null 2>&1
for model in runs/*/model.safetensors; do cmp -s one.safetensors $model && echo the same model; done
bouton dump one.safetensors --stage=ast | grep sweep
