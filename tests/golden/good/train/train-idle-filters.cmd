sed "s/5x5, 8/5x5, 100/; s/sample 3000/sample 50/" maps.btn >idle.btn; bouton train idle.btn | sed "s/^[0-9]* filters/# filters/"
