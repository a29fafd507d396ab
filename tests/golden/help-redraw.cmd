bouton redraw --help
