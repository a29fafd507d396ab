name=$(printf 'caf\351'); for n in 1 2 3 4; do echo $n,$n,1,0; echo 1,9,$n,1; done >"$name.csv"
printf 'network n { input vector(3); layer class = dense(2); }\ndata d { csv train "%s.csv"; values in [0, 9]; }\nschedule { phase p { correct class; epochs 3; } }\n' "$name" >n.btn
bouton train n.btn >/dev/null 2>log; echo "status $?"; grep -c epoch log; ls | grep '^n[.]'
mv "$name.csv" rows.csv; sed 's/"[^"]*"/"rows.csv"/' n.btn >"$name.btn"
bouton train "$name.btn" -o "$name.safetensors" >/dev/null 2>log; echo "status $?"; grep -E '"model"|^    null|^  "[a-z]*": null' "$name.run.json"; tr , '\n' <"$name.safetensors" | grep -a -o 'bouton.lines.*'
