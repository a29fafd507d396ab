env --default-signal=INT bouton train small.btn --set rounds=1_000_000 --metrics m.jsonl 2>log & job=$!
for i in $(seq 300); do [ -s m.jsonl ] && break; sleep 0.1; done
status=0; kill -INT $job; wait $job || status=$?; echo "status $status"
tail -1 log | sed "s/after [0-9]* complete epochs*/after # complete epochs/"; bouton eval small.safetensors | head -1
