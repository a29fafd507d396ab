#!/bin/sh
# Installs missing packages, then configures and builds bouton in build/. The other scripts here call it first.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
sh "$root/packaging/install.sh" build
if [ ! -f "$root/build/build.ninja" ]; then
    echo "configuring in build/"
    cmake -S "$root" -B "$root/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBOUTON_TESTS=OFF >/dev/null
fi
echo "building build/bouton"
cmake --build "$root/build" --target bouton >"$root/build/build.log" 2>&1 || { cat "$root/build/build.log"; exit 1; }
