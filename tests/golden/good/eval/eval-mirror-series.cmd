awk 'BEGIN { for (n = 0; n < 60; n++) { line = ""; for (t = 0; t < 12; t++) line = line ((t < 6) == n % 2) ","; print line n % 2 } }' >a.csv
for input in 'series(12)' 'vector(12)' 'image(2x6)'; do
echo "network n { input $input; layer class = dense(2); } data d { csv train \"a.csv\"; csv test \"b.csv\"; values in [0, 1]; } schedule { phase p { correct class; epochs 1; } }" >n.btn; cp a.csv b.csv; bouton train n.btn >/dev/null 2>&1
bouton eval n.safetensors --mirror | head -1; done
