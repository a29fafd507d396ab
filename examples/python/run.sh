#!/bin/sh
# Runs the examples with the package of this tree:   sh examples/python/run.sh [NAME]
# NAME is digits, flowers, pipeline or why; without it, all run. They need python3-numpy and, but for digits,
# python3-sklearn. Results are written into build/python.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
if [ -z "${BOUTON_LIBRARY:-}" ]; then
    sh "$root/examples/build.sh"
    BOUTON_LIBRARY=$(find "$root/build" -maxdepth 1 -name 'libbouton.so')
    export BOUTON_LIBRARY
fi
PYTHONPATH=$root/python${PYTHONPATH:+:$PYTHONPATH}
export PYTHONPATH
out=${OUT:-$root/build/python}
mkdir -p "$out"
for name in ${1:-digits flowers pipeline why}; do
    echo "== $name"
    "${PYTHON:-python3}" "$here/$name.py" "$out"
done
