bouton train small.btn >/dev/null 2>&1; bouton build small.safetensors --emit=lib -o net --cpu=generic | sed "s/([0-9,]*/(#/"; cat net.pc
sed -E "s/\"[0-9a-f]{16}\"/\"#\"/; s/(SCRATCH|INTERFACE)( +)[0-9]+u/\1\2#/" net.h
