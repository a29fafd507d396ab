bouton train --help
