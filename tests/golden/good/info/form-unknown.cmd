bouton info --plan --set plan.hidden=dens small.btn; bouton info --plan --set plan.hiden=dense small.btn
