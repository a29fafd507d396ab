bouton graph small.btn -o net.gif; bouton graph small.btn -o net; bouton graph small.btn -o small.btn; bouton graph small.btn -o nowhere/net.svg; bouton graph nowhere.btn
bouton graph small.btn --sample three.png; bouton graph small.btn --data folder
bouton train small.btn --set rounds=1 >/dev/null 2>&1; printf '1,2,3\n' >row.csv; bouton graph small.safetensors --sample nowhere.png; bouton graph small.safetensors --sample row.csv; bouton graph small.safetensors --sample row.csv -o s.dot; ls *.svg
