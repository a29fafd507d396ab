bouton info encodings.btn --network tied --plan --cpu x86-64-v3
