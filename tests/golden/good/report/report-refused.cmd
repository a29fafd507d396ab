bouton train small.btn >/dev/null 2>&1
for line in 'small.btn' 'small.safetensors -o small.safetensors' 'small.safetensors -o nowhere/report.html' 'small.safetensors -o folder' 'small.safetensors -o -' 'nothing.safetensors'; do bouton report $line; echo "status $?"; done; ls -A folder; ls *.html
