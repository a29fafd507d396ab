mkfifo rows.csv; printf 'network n { input vector(2); layer class = dense(2); }\ndata d { csv train "rows.csv"; values in [0, 1]; }\nschedule { phase p { correct class; } }\n' >n.btn
bouton train n.btn; sed 's/rows.csv/\/dev\/zero/' n.btn >zero.btn; bouton train zero.btn; printf '0,0,0\n1,1,1\n' >real; sed 's/rows.csv/\/dev\/stdin/' n.btn >in.btn; cat real | bouton train in.btn >/dev/null 2>&1; echo "status $?"
cat real >rows.csv & bouton predict n.safetensors rows.csv; cat real | bouton predict n.safetensors - | head -1; bouton predict n.safetensors /dev/zero
