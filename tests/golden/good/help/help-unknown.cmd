bouton help trai
