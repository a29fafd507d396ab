i=0; while [ $i -lt 60 ]; do echo "$((i % 20 + 1)),red,$((i % 7)),warm"; echo "$((i % 20 + 30)),blue,$((i % 5)),cold"; i=$((i + 1)); done | sed '1i heat,colour,noise,kind' >t.csv
printf 'network t { input vector(4); layer a = dense(8); layer class = dense(2); }\ndata d { csv train "t.csv" categories "colour"; hold out 20%% of train as test; }\nschedule { phase p { correct a, class; epochs 5; } }\n' >t.btn; bouton train t.btn >/dev/null 2>&1
printf 'heat,colour,noise\n3,red,2\n' >one.csv
bouton predict t.safetensors one.csv --why | sed -E "s/[0-9]+\.[0-9]+/#/g" | sort
bouton predict t.safetensors one.csv --why=cold --json | grep -o '"why": {"label": [01], "class": "[a-z]*"\|"names".*'
bouton predict t.safetensors one.csv --why=could; bouton predict t.safetensors one.csv --why=9; bouton predict t.safetensors one.csv --why -o a.png
