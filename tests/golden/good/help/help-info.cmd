bouton info --help
