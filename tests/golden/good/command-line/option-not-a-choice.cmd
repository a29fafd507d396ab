bouton dump small.btn --stage=lvm
