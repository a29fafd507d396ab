#!/bin/sh
# From data to a trained model in two commands, `bouton new` and `bouton train`:   sh tests/starter/run.sh BOUTON ROOT
#
# The tables have what people's tables have: words, other separators, decimal commas, gaps, numbered rows, no header. Each
# can be learned, and the test accuracy of the first network must show it. BOUTON_MNIST names a folder with MNIST.
set -eu
[ $# = 2 ] && [ -x "$1" ] || { sed -n '2p' "$0" >&2; exit 2; }
bouton=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
root=$(cd "$2" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
cd "$scratch"
failed=0
passed=0

# two NAME LEAST DATA [OPTION...]: the two commands, and what the test samples must reach
two() {
    name=$1 least=$2 data=$3
    shift 3
    if "$bouton" new "$name" --from "$data" "$@" >"$name.log" 2>&1 && "$bouton" fmt --check "$name.btn" >>"$name.log" 2>&1 &&
        "$bouton" train "$name.btn" >>"$name.log" 2>&1 &&
        awk -v least="$least" '/^test / { found = 1; exit $2 + 0 < least } END { exit !found }' "$name.log" &&
        [ -s "$name.safetensors" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAIL  $name: the two commands do not lead to $least% on test"
        cat "$name.log" "$name.btn" || true
    fi
}
table() { awk 'BEGIN { srand(7) } function noise() { return rand() - 0.5 } BEGIN { '"$1"' }' >"$2"; }

two flowers 90 "$root/examples/flowers/flowers.csv"

table 'print "\357\273\277l\303\244nge;aaaaaaaaaaaaaaaaaaa\303\251;gesund"; for (i = 0; i < 120; i++) { s = sprintf("%.2f;%.1f", 4 * (i % 2) + noise(), 9 * noise()); gsub(/\./, ",", s); print s ";" (i % 2 ? "ja" : "nein") }' sheet.csv
two sheet 90 sheet.csv

table 'for (i = 0; i < 150; i++) printf "%d\t%.3f\t%.3f\n", i % 3, i % 3 + noise() / 2, noise()' plain.tsv
two plain 85 plain.tsv --label first

table 'print ",sl,sw,species"; for (i = 0; i < 120; i++) printf "%d,%.2f,%.2f,%s\n", i, 5 * (i % 2) + noise(), noise(), i % 2 ? "rosa" : "rubus"' pandas.csv
two pandas 90 pandas.csv

table 'print "id,temp,room,unit,ok"; for (i = 0; i < 200; i++) printf "A%d,%s,%s,C,%s\n", i, i % 9 ? 20 * (i % 2) + noise() : "", i % 4 ? "hall" : "lab", i % 2 ? "yes" : "no"' gaps.csv
two gaps 85 gaps.csv

table 'print "level,rate,state"; for (i = 0; i < 400; i++) printf "%.2f,%.2f,%s\n", (i % 20 ? 0 : 5) + noise(), noise(), i % 20 ? "usual" : "rare"' rare.csv
two rare 95 rare.csv
grep -q 'weight classes by rarity' rare.btn || { echo "FAIL  rare: classes are not weighted"; failed=$((failed + 1)); }

gzip -c sheet.csv >sheet.csv.gz
two packed 90 sheet.csv.gz

for digit in 0 1 7; do
    mkdir -p drawn/$digit
    for seed in $(seq 40); do "$bouton" draw $digit --seed "$seed" -o "drawn/$digit/$seed.png" >/dev/null; done
done
two drawn 60 drawn

if [ -f "${BOUTON_MNIST:-}/train-images-idx3-ubyte.gz" ]; then
    BOUTON_DATA=$BOUTON_MNIST "$bouton" new mnist --from mnist >/dev/null
    sed -i 's/epochs 10;/epochs 1;/' mnist.btn # one epoch tells that it learns
    "$bouton" train mnist.btn >mnist.log 2>&1
    awk '/^test / { exit $2 + 0 < 90 }' mnist.log && passed=$((passed + 1)) || { failed=$((failed + 1)); cat mnist.log; }
else
    echo "SKIP starter: MNIST, because BOUTON_MNIST names no folder with it"
fi
echo "$passed data sets lead to a model in two commands, $failed do not"
[ "$failed" = 0 ]
