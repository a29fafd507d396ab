bouton --version
