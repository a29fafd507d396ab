bouton dump small.btn --stage=asm --cpu=generic | grep -E '^(#|//) |^small_[a-z_]*:$'
