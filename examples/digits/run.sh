#!/bin/sh
# Trains a network on ten thousand drawn digits, scores it, and classifies one more digit.   sh examples/digits/run.sh
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
sh "$root/examples/build.sh"
bouton=$root/build/bouton
out=${OUT:-$root/build/digits}
mkdir -p "$out"

echo "training digits.btn"
"$bouton" train -v "$here/digits.btn" -o "$out/digits.safetensors"
echo
echo "scoring it on digits it has never seen"
"$bouton" eval "$out/digits.safetensors" --on test
echo
echo "drawing a seven, and asking what it is"
"$bouton" draw 7 --seed 11 -o "$out/seven.png"
"$bouton" predict "$out/digits.safetensors" "$out/seven.png"
