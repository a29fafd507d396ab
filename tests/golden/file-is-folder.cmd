bouton check check
