bouton help --help
