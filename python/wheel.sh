#!/bin/sh
# Builds the wheel, with the library in it, without a network:   sh python/wheel.sh OUT-FOLDER [BUILD-FOLDER]
# It needs python3 with setuptools, wheel and pip (Debian: python3-setuptools, python3-wheel, python3-pip). Without
# BUILD-FOLDER, bouton is built in build/ first.
set -eu
[ $# = 1 ] || [ $# = 2 ] || { sed -n '2p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
mkdir -p "$1"
out=$(cd "$1" && pwd)
if [ $# = 1 ]; then
    sh "$root/examples/build.sh"
fi
build=$(cd "${2:-$root/build}" && pwd)
python=${PYTHON:-python3}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$scratch/bouton/lib"
cp "$here"/pyproject.toml "$here"/setup.py "$scratch"
cp "$here"/bouton/*.py "$here/bouton/py.typed" "$scratch/bouton"
cp "$root/runtime/include/bouton/runtime.h" "$scratch/version.h"
cp "$root/LICENSE" "$scratch"
library=$(find "$build" -maxdepth 1 -name 'libbouton.so.*.*' ! -name 'libbouton.so.*.*.*')
cp -L "$library" "$build/libbouton_program.a" "$scratch/bouton/lib"
strip --strip-unneeded "$scratch"/bouton/lib/*.so.* 2>/dev/null || true
"$python" -m pip wheel --quiet --no-deps --no-index --no-build-isolation --disable-pip-version-check \
    --wheel-dir "$out" "$scratch"
find "$out" -name 'bouton-*.whl' | while read -r wheel; do echo "wrote $wheel"; done
