bouton check folder
