for n in 1 2 3 4 5 6; do echo $n,$((n % 2)); done >rows.csv
printf 'network n { input vector(1); layer class = dense(2); }\ndata d { csv train "rows.csv"; values in [0, 9]; }\nschedule { phase p { correct class; epochs 2; } }\n' >n.btn
bouton train n.btn >/dev/null 2>&1; mv n.safetensors folder; bouton report folder/n.safetensors; echo "status $?"; grep -o 'There is no accuracy[^<]*' report.html
bouton report folder/n.safetensors --data . -o with.html; echo "status $?"
bouton report folder/n.safetensors --data folder -o other.html; echo "status $?"; ls other.html
