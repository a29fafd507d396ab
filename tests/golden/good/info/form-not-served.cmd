bouton info --plan --set plan.edges=dense maps.btn
