bouton graph --help
