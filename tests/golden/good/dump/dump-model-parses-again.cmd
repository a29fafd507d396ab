bouton dump small.btn -o again.btn && bouton dump again.btn -o twice.btn && cmp again.btn twice.btn && echo same
