for file in maps encoded winners; do bouton dump $file.btn -o again.btn && bouton dump again.btn -o twice.btn && cmp again.btn twice.btn && echo $file: same; done
bouton dump encoded.btn --stage=ast | sed -n "/input/,/}/p"
