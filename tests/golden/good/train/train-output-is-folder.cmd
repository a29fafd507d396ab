bouton train small.btn -o folder
