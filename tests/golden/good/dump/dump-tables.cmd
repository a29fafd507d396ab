bouton check tables.btn leaves.btn; bouton dump tables.btn --stage=ast | sed -n '/^data/,$p'; bouton dump leaves.btn --stage=ast
for file in tables leaves series; do bouton dump $file.btn -o $file-again.btn && sed -n '/^data/,/^}/p' $file-again.btn; bouton dump $file-again.btn -o twice.btn && cmp $file-again.btn twice.btn && echo $file: same; done
bouton fmt leaves.btn && sed -n '/^data/,$p' leaves.btn; bouton fmt --check tables.btn; echo "status $?"
