#!/bin/sh
# Trains a network on a table with a header and words, and asks it about two flowers.   sh examples/flowers/run.sh
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
sh "$root/examples/build.sh"
bouton=$root/build/bouton
out=${OUT:-$root/build/flowers}
mkdir -p "$out"

echo "training flowers.btn"
"$bouton" train "$here/flowers.btn" -o "$out/flowers.safetensors"
echo
echo "scoring it on flowers it has never seen"
"$bouton" eval "$out/flowers.safetensors" --data "$here"
echo
echo "asking about two flowers; the columns are found by their names"
cat > "$out/two.csv" <<'ROWS'
soil,altitude,petals,height,leaf width
sand,580,6,12.5,4.8
loam,1500,9,25,33
ROWS
"$bouton" predict "$out/flowers.safetensors" "$out/two.csv"
