bouton build --help
