bouton info small.btn --cpu=generic
