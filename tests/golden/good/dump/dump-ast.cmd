bouton dump small.btn --stage=ast
