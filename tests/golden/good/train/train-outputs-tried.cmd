mkdir a.run.json b.checkpoint; echo 0,1,2 >rows.csv
for options in "-o a" "-o b" "--metrics rows.csv" "--metrics small.btn" "--metrics small.safetensors -o ./small.safetensors" "--metrics s.run.json -o s"; do
  bouton train small.btn $options; echo "status $?"; done; cat rows.csv; ls
