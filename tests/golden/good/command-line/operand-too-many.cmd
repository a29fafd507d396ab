bouton info small.btn other.btn
