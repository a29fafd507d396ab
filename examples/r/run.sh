#!/bin/sh
# Trains and predicts from R, through libbouton.so:   sh examples/r/run.sh [PREFIX]
# PREFIX is the prefix of an installed bouton; without it, bouton is built and installed in build/r/prefix. It needs R
# (Debian: r-base-core), make and a C compiler, because R reaches a C library through a few lines of C.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
out=${OUT:-$root/build/r}
prefix=${1:-$out/prefix}
mkdir -p "$out"
if [ $# = 0 ]; then
    sh "$root/examples/build.sh"
    cmake --install "$root/build" --prefix "$prefix" >/dev/null
fi
found=$(find "$prefix" -name bouton-flat.pc | head -1)
[ -n "$found" ] || { echo "$prefix: no bouton is installed there" >&2; exit 1; }
PKG_CONFIG_PATH=${found%/*}
LD_LIBRARY_PATH=${found%/pkgconfig/*}${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export PKG_CONFIG_PATH LD_LIBRARY_PATH
eval "set -- $(pkg-config --cflags --libs bouton-flat)"
"${CC:-cc}" -std=gnu17 -Wall -Wextra -shared -fPIC ${CFLAGS:-} $(R CMD config --cppflags) -o "$out/bouton_r.so" "$here/bouton_r.c" "$@"
Rscript "$here/digits.R" "$out/bouton_r.so"
