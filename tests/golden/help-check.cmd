bouton check --help
