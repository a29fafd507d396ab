bouton predict --help
