awk 'BEGIN { for (n = 0; n < 300; n++) { at = 6 + n * 7 % 20; line = ""; for (t = 0; t < 32; t++) line = line sprintf("%.2f,%.1f,", 0.8 * (n % 2 == (t >= at)) + n * t * 37 % 20 / 100, (n + t) * 13 % 50 / 10); print line n % 2 } }' >edges.csv
bouton check series.btn; bouton info series.btn | sed -n '/^input/p; /^layer/,/^$/p'; bouton train series.btn >log 2>/dev/null; echo "status $?"; tail -n 2 log
for line in 1 2; do sed -n ${line}p edges.csv | sed 's/,[01]$//' >one.csv; bouton predict series.safetensors one.csv 2>/dev/null | cut -d'(' -f1; done
bouton build series.safetensors -o series >/dev/null && ./series one.csv 2>/dev/null | cut -d'(' -f1
bouton eval series.safetensors --quantize --expect 'accuracy >= 90%' 2>/dev/null | tail -n 1
