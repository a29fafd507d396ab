head -c 5000000 /dev/zero | tr '\0' ' ' >large.btn; bouton check large.btn
