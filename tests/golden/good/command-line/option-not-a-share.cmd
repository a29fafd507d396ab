bouton bench small.btn --live 120%
