bouton train files.btn --data nowhere
