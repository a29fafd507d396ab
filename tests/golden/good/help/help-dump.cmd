bouton dump --help
