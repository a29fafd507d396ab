#!/bin/sh
# Draws docs/picture.svg, the picture in README.md: make.sh BOUTON [FILE.svg]
# The code is compiled for any processor, so that the bytes are the same on every machine.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
[ $# -ge 1 ] && [ -x "$1" ] || { echo "usage: $0 BOUTON [FILE.svg]" >&2; exit 2; }
bouton=$1
out=${2:-$here/../picture.svg}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
"$bouton" train "$here/two.btn" --cpu generic -o "$scratch/two.safetensors" >"$scratch/said" 2>&1 ||
    { cat "$scratch/said" >&2; exit 1; }
"$bouton" graph "$scratch/two.safetensors" --cpu generic --sample "$here/inputs.csv" -o "$out"
