bouton sweep -o runs
