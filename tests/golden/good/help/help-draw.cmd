bouton draw --help
