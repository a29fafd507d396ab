bouton sweep small.btn --seeds 1..2 --set width=5,10 --jobs 1 -o runs >first.txt 2>/dev/null
bouton sweep small.btn --seeds 1..2 --set width=5,10 --jobs 2 -o runs >second.txt
cmp first.txt second.txt && ls runs | grep -c "^[0-9a-f]\{16\}$"
