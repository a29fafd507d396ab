bouton check bad
