bouton --help
