bouton train small.btn --report r.html >/dev/null 2>log; echo "status $?"; bouton report small.safetensors -o again.html >/dev/null; cmp r.html again.html && grep -c refresh r.html
bouton train small.btn --report small.btn; echo "status $?"; bouton train small.btn --report nowhere/r.html; echo "status $?"; bouton train small.btn --report -; echo "status $?"
bouton train small.btn --set rounds=90000 -o long.safetensors --report live.html >/dev/null 2>&1 & job=$!
for i in 1 2 3 4 5 6 7 8 9; do sleep 1; if grep -q '<svg' live.html 2>/dev/null; then break; fi; done
grep -o 'http-equiv="refresh"' live.html; grep -o 'is being trained' live.html; kill -TERM $job; status=0; wait $job || status=$?; echo "status $status"; grep -c refresh live.html; grep -o '<h2>Answers by class' live.html
