#!/bin/sh
# Builds a program that embeds bouton, by pkg-config and by CMake, and runs both.   sh examples/embed/run.sh [PREFIX]
# PREFIX is the prefix of an installed bouton. Without it, bouton is built and installed in build/embed/prefix.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
out=${OUT:-$root/build/embed}
prefix=${1:-$out/prefix}
mkdir -p "$out"
if [ $# = 0 ]; then
    sh "$root/examples/build.sh"
    cmake --install "$root/build" --prefix "$prefix" >/dev/null
fi
found=$(find "$prefix" -name bouton.pc | head -1)
[ -n "$found" ] || { echo "$prefix: no bouton is installed there" >&2; exit 1; }
PKG_CONFIG_PATH=${found%/*}${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
export PKG_CONFIG_PATH
LD_LIBRARY_PATH=${found%/pkgconfig/*}${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} # needed if the libraries are shared
export LD_LIBRARY_PATH

echo "through pkg-config"
eval "set -- $(pkg-config --cflags --libs bouton)" # pkg-config quotes characters special to the shell
# shellcheck disable=SC2086
"${CC:-cc}" -std=c17 ${CFLAGS:-} -o "$out/lines" "$here/lines.c" "$@"
"$out/lines" "$here/lines.btn"

echo "through find_package"
rm -rf "$out/cmake" # one that another generator began is refused
cmake -S "$here" -G Ninja -B "$out/cmake" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_BUILD_TYPE=Release >"$out/cmake.log"
cmake --build "$out/cmake" >>"$out/cmake.log" || { cat "$out/cmake.log"; exit 1; }
"$out/cmake/lines" "$here/lines.btn"
