bouton bench --help
