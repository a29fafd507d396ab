bouton sweep - -o runs <small.btn
