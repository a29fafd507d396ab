bouton train small.btn >/dev/null 2>&1; sed 's/test 500/test 400/' small.btn >other.btn; bouton train other.btn -o other.safetensors >/dev/null 2>&1
bouton compare small.safetensors other.safetensors; echo "status $?"; bouton compare small.safetensors; echo "status $?"; bouton compare small.safetensors small.btn; echo "status $?"
bouton train series.btn -o series.safetensors >/dev/null 2>&1; bouton compare small.safetensors small.safetensors --on validation | head -1
