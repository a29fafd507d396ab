bouton sweep small.btn --seeds 1..2 -o runs >first.txt 2>/dev/null
for run in runs/*/; do printf "{" >$run/result.json; break; done
bouton sweep small.btn --seeds 1..2 --jobs 1 -o runs >second.txt; cmp first.txt second.txt && echo the same table
