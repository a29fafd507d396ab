bouton help >/dev/full
