bouton sweep small.btn --seeds 1..2 -o runs >/dev/null 2>&1; bouton report --runs runs; bouton report --runs runs -o again.html; cmp report.html again.html && grep -o '<h[12]>.*</h[12]>' report.html
bouton report --runs folder -o none.html; echo "status $?"; ls none.html
bouton report --runs runs small.safetensors; echo "status $?"; bouton report; echo "status $?"
