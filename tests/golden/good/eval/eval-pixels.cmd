bouton train colours.btn >/dev/null 2>&1; bouton eval colours.safetensors --on train; bouton dump colours.safetensors --stage=model | sed -n "/input/,/}/p;/^data/,/}/p"
