bouton info small.btn --set width=7 --cpu=generic
