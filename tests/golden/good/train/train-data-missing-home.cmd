mkdir home && BOUTON_DATA=home bouton train files.btn
