mkdir -p set/dark set/light new/more; for i in 1 2 3 4 5 6 7 8 9; do echo "P2 2 2 99 $i 30 3 $i" >set/dark/$i.pgm; echo "P2 2 2 99 9$i 60 90 9$i" >set/light/$i.pgm; done
printf 'network light { input image(2x2); layer class = dense(2); }\ndata d { images train "set"; }\nschedule { phase p { correct class; epochs 30; } }\n' >light.btn; bouton train light.btn >/dev/null 2>&1
cp set/dark/4.pgm new; cp set/light/6.pgm new/more; echo P2 2 2 99 1 >new/cut.pgm; echo words >new/README; : >new/empty.jpg; printf 'II*\0....' >new/scan.tif
bouton predict light.safetensors new --csv >out; echo "status $?"; cut -d, -f1-2 out
bouton build light.safetensors >/dev/null; ./light new/ >out 2>said; echo "status $?"; sed "s/  .*//" out; cat said
bouton predict light.safetensors folder
