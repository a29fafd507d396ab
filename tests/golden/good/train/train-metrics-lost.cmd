bouton train small.btn --metrics /dev/full >/dev/null; ls *.safetensors
