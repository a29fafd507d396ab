bouton sweep --collect folder
