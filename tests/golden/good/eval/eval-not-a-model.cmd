echo nothing >wrong.safetensors; bouton eval wrong.safetensors
