#!/bin/sh
# Trains a network on made-up readings of a sensor, and asks it about new ones.   sh examples/series/run.sh
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
sh "$root/examples/build.sh"
bouton=$root/build/bouton
out=${OUT:-$root/build/series}
mkdir -p "$out"

sh "$here/readings.sh" 1200 > "$out/readings.csv"
echo "training series.btn"
"$bouton" train "$here/series.btn" --data "$out" -o "$out/series.safetensors"
echo
echo "asking about the first four of the readings"
head -n 4 "$out/readings.csv" > "$out/four.csv"
"$bouton" predict "$out/series.safetensors" "$out/four.csv"
