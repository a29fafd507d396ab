bouton eval small.btn
