bouton dump encodings.btn --network tied
