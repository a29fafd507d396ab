bouton check small.btn --set widht=30
