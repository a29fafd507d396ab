mkdir lib; echo none >lib/liblapack.so.3; LD_LIBRARY_PATH=$PWD/lib bouton train encoded.btn 2>&1 | sed 's/loaded (.*);/loaded (#);/'; ls *.safetensors
LD_LIBRARY_PATH=$PWD/lib bouton check encoded.btn; bouton train encoded.btn >/dev/null 2>&1 && LD_LIBRARY_PATH=$PWD/lib bouton eval encoded.safetensors --json | grep -o '"samples": [0-9]*'
