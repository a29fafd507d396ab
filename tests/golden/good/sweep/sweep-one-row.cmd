bouton sweep small.btn --jobs 1 -o runs
