bouton train small.btn >/dev/null 2>&1; printf '\040\0\0\0\0\0\0\0{"__metadata__":{"format":"pt"}}' >torch.safetensors
for field in '"bouton.version":"[0-9.]*"/"bouton.version":"9.1.0"' '"bouton.interface":"[0-9]*"/"bouton.interface":"900"'; do
    LC_ALL=C sed "1s/$field/" small.safetensors >"newer$((n += 1)).safetensors"; done
for model in torch newer1 newer2; do bouton build $model.safetensors -o net 2>&1 | sed "s/this [0-9.]*;/this #;/; s/one's [0-9]*;/one's #;/"; done; ls net
