bouton check small.btn --seed 3
