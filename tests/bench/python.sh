#!/bin/sh
# What Python costs beside C, and the memory of a large training:   sh tests/bench/python.sh BUILD
# It needs python3-numpy and 2 GB of memory, and takes about a minute. Figures are medians.
set -eu
[ $# = 1 ] && [ -f "$1/build.ninja" ] || { sed -n '2p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=$(cd "$1" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
BOUTON_LIBRARY=$build/libbouton.so
PYTHONPATH=$root/python
PYTHONDONTWRITEBYTECODE=1
export BOUTON_LIBRARY PYTHONPATH PYTHONDONTWRITEBYTECODE
"${CC:-cc}" -O2 -I"$root/include" -o "$scratch/flat_speed" "$here/flat_speed.c" "$BOUTON_LIBRARY" -Wl,-rpath,"$build"
"${PYTHON:-/usr/bin/python3}" "$here/python_speed.py" "$scratch" "$scratch/flat_speed"
