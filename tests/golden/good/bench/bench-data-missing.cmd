bouton bench small.btn --data nowhere
