bouton train small.btn --set least=99% && echo unreachable; echo "status $?"; ls *.safetensors
