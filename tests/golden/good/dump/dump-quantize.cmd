bouton dump small.btn --stage=plan --quantize --cpu=x86-64-v3 | grep -i '8.bit'
