bouton info small.btn --data .
