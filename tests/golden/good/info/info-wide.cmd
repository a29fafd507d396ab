bouton info --plan --cpu x86-64-v3 wide.btn
