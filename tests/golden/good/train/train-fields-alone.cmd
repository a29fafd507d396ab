sed "/phase readout/d" maps.btn >alone.btn; bouton train alone.btn; bouton info maps.safetensors | sed -n "/^trained by/p"
