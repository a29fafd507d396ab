bouton dump small.btn --all out --stage=ast
