bouton sweep --help
