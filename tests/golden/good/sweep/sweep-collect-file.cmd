bouton sweep small.btn --collect folder
