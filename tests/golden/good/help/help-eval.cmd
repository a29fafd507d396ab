bouton eval --help
