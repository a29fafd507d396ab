bouton train small.btn --set rounds=1_000_000 --metrics m.jsonl 2>log & job=$! # sh ignores SIGINT in background jobs
for i in $(seq 300); do [ -s m.jsonl ] && break; sleep 0.1; done
kill -INT $job; lines=$(wc -l <m.jsonl)
for i in $(seq 300); do [ $(wc -l <m.jsonl) -gt $((lines + 9)) ] && break; sleep 0.1; done
status=0; kill -TERM $job; wait $job || status=$?; echo "status $status"
tail -1 log | sed "s/after [0-9]*/after #/"
