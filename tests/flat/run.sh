#!/bin/sh
# The flat interface as an installed library:   sh tests/flat/run.sh BUILD SOURCE
#
#     the names that libbouton.so shows are those of its header, and its soname has the version
#     the example in the header compiles as C17 and C++17, through pkg-config and CMake, and prints what it should
#     nothing is printed, also by what fails
set -eu
[ $# = 2 ] && [ -f "$1/build.ninja" ] || { sed -n '2p' "$0" >&2; exit 2; }
build=$(cd "$1" && pwd)
source=$(cd "$2" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
failed=0
complain() { echo "$*"; failed=$((failed + 1)); }

header=$source/include/bouton/bouton.h
library=$(find "$build" -maxdepth 1 -name 'libbouton.so.*.*.*')
tr '\n' ' ' <"$header" | grep -o 'BOUTON_FLAT [a-z][^;]*;' | sed 's/^[^(]*[ *]\(bouton_[a-z_]*\)(.*/\1/' | sort >"$scratch/declared"
nm -D --defined-only "$library" | sed 's/^[^ ]* [A-Z] //' | sort >"$scratch/shown"
[ "$(wc -l <"$scratch/declared")" -gt 25 ] || complain "bouton.h: its functions were not found"
[ -n "${CFLAGS:-}" ] || diff -u "$scratch/declared" "$scratch/shown" || complain "libbouton.so shows other names than bouton.h declares"
readelf -d "$library" | grep -q "soname: \[libbouton\.so\.[0-9]*\.[0-9]*\]" || complain "libbouton.so has no soname with its version"

cmake --install "$build" --prefix "$scratch/prefix" >/dev/null
found=$(find "$scratch/prefix" -name bouton-flat.pc)
[ -n "$found" ] || { echo "bouton-flat.pc is not installed"; exit 1; }
LD_LIBRARY_PATH=${found%/pkgconfig/*}
export LD_LIBRARY_PATH

# The example stands between "#include <bouton/bouton.h>" and the paragraph on errors.
{
    echo '#include <stdio.h>'
    sed -n '/#include <bouton\/bouton.h>/,/^ \* Errors:/p' "$header" | sed '$d; s/^ \* \{0,4\}//; s/^ \*$//'
} >"$scratch/sides.c"
eval "set -- $(PKG_CONFIG_PATH=${found%/*} pkg-config --cflags --libs bouton-flat)"
for language in c17 c++17; do
    case $language in
    c17) compiler=${CC:-cc} kind=c ;;
    *) case ${CC:-cc} in *clang*) compiler=clang++ ;; *) compiler=g++ ;; esac; kind=c++ ;;
    esac
    if [ $kind = c ]; then
        # shellcheck disable=SC2086
        "$compiler" -x $kind -std=$language -Wall -Wextra -Werror ${CFLAGS:-} -o "$scratch/sides" "$scratch/sides.c" -x none "$@"
    else
        printf '#include <bouton/bouton.h>\nint main() { return bouton_interface_version() != BOUTON_FLAT_VERSION; }\n' >"$scratch/plus.cc"
        # shellcheck disable=SC2086
        "$compiler" -std=$language -Wall -Wextra -Werror ${CFLAGS:-} -o "$scratch/plus" "$scratch/plus.cc" "$@"
        "$scratch/plus" || complain "the C++ program failed"
    fi
done
(cd "$scratch" && ./sides >out 2>errors) || complain "the example of the header failed: $(cat "$scratch/errors")"
[ "$(cat "$scratch/out")" = "0 1 0 1" ] || complain "the example printed: $(cat "$scratch/out")"
[ ! -s "$scratch/errors" ] || complain "the library printed: $(cat "$scratch/errors")"
[ -s "$scratch/sides.safetensors" ] || complain "the example wrote no model"

mkdir "$scratch/cmake"
cp "$scratch/sides.c" "$scratch/cmake"
cat >"$scratch/cmake/CMakeLists.txt" <<'EOF'
cmake_minimum_required(VERSION 3.22)
project(sides C)
find_package(bouton 0.1 REQUIRED)
add_executable(sides sides.c)
target_link_libraries(sides PRIVATE bouton::flat)
EOF
cmake -S "$scratch/cmake" -B "$scratch/cmake/build" -G Ninja -DCMAKE_PREFIX_PATH="$scratch/prefix" >"$scratch/log" 2>&1 &&
    cmake --build "$scratch/cmake/build" >>"$scratch/log" 2>&1 || { cat "$scratch/log"; complain "find_package failed"; }
(cd "$scratch" && [ "$(cmake/build/sides)" = "0 1 0 1" ]) || complain "the program of CMake failed"
[ "$failed" = 0 ] && echo "the flat interface is as its header says"
