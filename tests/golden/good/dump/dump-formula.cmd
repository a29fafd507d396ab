bouton dump formula.btn --stage=model -o again.btn && bouton dump again.btn --stage=model -o twice.btn
cmp again.btn twice.btn && head -4 again.btn; bouton dump formula.btn --stage=ast | head -3
