bouton train small.btn >/dev/null 2>&1; printf '#!/bin/sh\necho "error: no room" >&2; exit 1\n' >broken; chmod +x broken; CC=./broken bouton build small.safetensors; ls small
