bouton train small.btn --resume --set rounds=1_000_000 --metrics m.jsonl 2>log & job=$!
for i in $(seq 300); do [ -s m.jsonl ] && break; sleep 0.1; done
status=0; kill -TERM $job; wait $job || status=$?; echo "status $status"
head -1 log; bouton train small.btn --resume --seed 2; bouton train small.btn --resume --set rounds=2 --cpu generic 2>&1 | sed "s/was .* (hash) and is now .* (hash)/was # and is now #/"
head -c 1000 small.checkpoint >cut; cp cut small.checkpoint; bouton train small.btn --resume --set rounds=1_000_000
echo other >small.checkpoint; bouton train small.btn --resume; bouton train small.btn 2>&1 >/dev/null | head -1; ls small.*
