bouton
