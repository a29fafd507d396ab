bouton train small.btn --set rounds=1_000_000 --metrics m.jsonl 2>log & job=$!
for i in $(seq 300); do [ -s m.jsonl ] && break; sleep 0.1; done
kill -TERM $job; wait $job; bouton build small.safetensors 2>&1 | sed "s/after [0-9]* epochs*/after # epochs/"; ls small; bouton build small.safetensors --unfinished | sed "s/([0-9,]*/(#/"
