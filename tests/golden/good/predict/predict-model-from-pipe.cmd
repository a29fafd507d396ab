bouton train small.btn --set rounds=1 >/dev/null 2>&1; bouton draw 7 -o seven.png >/dev/null; bouton predict small.safetensors seven.png >file
bouton predict - seven.png <small.safetensors | diff file - && cat small.safetensors | bouton predict /dev/stdin seven.png | diff file -
mkfifo pipe; cat small.safetensors >pipe & bouton predict pipe seven.png | diff file -
cat small.safetensors | bouton eval - --json | grep -o '"samples": 500'; cat small.safetensors | bouton info - | head -1
cat small.safetensors | bouton dump - --stage=ast | head -1; cat small.safetensors | bouton build - -o program >/dev/null && ./program seven.png | diff file -
cat small.safetensors | bouton predict - - ; cat seven.png | bouton predict - /dev/stdin; bouton predict - seven.png <small.btn; head -c 900 small.safetensors | bouton info - 2>&1 | sed 's/after [0-9]*/after #/'
cat small.btn >pipe & bouton check pipe; sed 's/dense/dence/' small.btn | bouton check -
