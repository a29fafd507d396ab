head -c 60 flat.ppm >cut.ppm; mv cut.ppm flat.ppm; bouton train colours.btn; rm flat.ppm; bouton train colours.btn
