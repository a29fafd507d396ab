bouton train small.btn >/dev/null 2>&1; bouton draw 0 -o zero.png; bouton build small.safetensors -o digits | sed "s/([0-9,]*/(#/"
./digits zero.png >one; ./digits zero.png zero.png --json >many; bouton predict small.safetensors zero.png | diff - one && bouton predict small.safetensors zero.png zero.png --json | diff - many && echo same
./digits --version | sed "s/interface .*/interface #, model #, for #/"; ./digits --help
