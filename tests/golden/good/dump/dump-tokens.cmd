bouton dump small.btn --stage=tokens | head -20
