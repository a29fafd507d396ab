#!/bin/sh
# Installs bouton, moves the installation elsewhere, and tests it there:   run.sh BUILD SOURCES
#
# Builds examples/embed through pkg-config and through find_package. Compiles each public header alone, in C and C++.
# Checks that all public macros and symbols have bouton's prefixes. Runs `bouton build`.
set -eu
if [ $# -ne 2 ] || [ ! -x "$1/bouton" ]; then
    echo "usage: $0 BUILD SOURCES" >&2
    exit 2
fi
build=$(cd "$1" && pwd)
sources=$(cd "$2" && pwd)
suite=embed
. "$sources/tests/begin.sh"
unset PKG_CONFIG_PATH LD_LIBRARY_PATH
cc=${CC:-cc}

say "install into a staging folder, and move it"
DESTDIR=$PWD/stage cmake --install "$build" --prefix /opt/bouton >install.log
[ "$(ls stage)" = opt ] # nothing was installed elsewhere
mv stage/opt/bouton "moved here"
prefix="$PWD/moved here"
for file in bin/bouton include/bouton/compiler.h share/doc/bouton/LICENSE share/doc/bouton/docs/commands.md; do
    [ -f "$prefix/$file" ] || { echo "$file is not installed"; exit 1; }
done
text=$(find "$prefix" -name '*.pc' -o -name '*.cmake' -o -name '*.h')
if echo "$text" | tr '\n' '\0' | xargs -0 grep -n -e /opt/bouton -e "$build" -e "$sources"; then
    echo "what is installed knows where it was"
    exit 1
fi

say "examples/embed, in under 60 lines"
[ "$(wc -l <"$sources/examples/embed/lines.c")" -lt 60 ]
OUT="$PWD/embed out" sh "$sources/examples/embed/run.sh" "$prefix" | tee said
awk '/^through/ { ways++ } / of 1000 right$/ { if ($1 < 950) bad = 1; told[$1] = 1; runs++ }
    END { for (t in told) kinds++; exit bad || ways != 2 || runs != 2 || kinds != 1 }' said # both builds print the same

say "headers, each alone"
library=$(find "$prefix" -name 'libbouton_lang.*' | head -1)
cxx=
like= # the C++ compiler of the same family, because the sanitizers of two families do not mix
case ${cc##*/} in *clang*) like=clang++ ;; *gcc*) like=g++ ;; esac
for name in ${CXX:-} $like c++ g++ clang++; do
    [ -n "$cxx" ] || ! has "$name" || cxx=$name
done
[ -n "$cxx" ] || echo "SKIP  embed, in part: no C++ compiler"
for header in "$prefix"/include/bouton/*.h; do
    printf '#include <bouton/%s>\nint alone;\n' "${header##*/}" >alone.c
    "$cc" -std=c17 -Wall -Wextra -Wpedantic -Wstrict-prototypes -Werror -fsyntax-only -I"$prefix/include" alone.c
    [ -z "$cxx" ] || "$cxx" -std=c++17 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I"$prefix/include" -x c++ alone.c
done
if [ -n "$cxx" ]; then
    eval "set -- $(PKG_CONFIG_PATH=${library%/*}/pkgconfig pkg-config --cflags --libs bouton)"
    # shellcheck disable=SC2086
    "$cxx" -std=c++17 -Wall -Wextra -Wpedantic -Werror ${CFLAGS:-} -o names "$sources/tests/embed/names.cc" "$@"
    [ "$(LD_LIBRARY_PATH=${library%/*} ./names)" = n ]
fi

say "names that headers and libraries take"
macros() { # HEADER...: the names of all macros defined after them
    for header; do echo "#include <$header>"; done | "$cc" -I"$prefix/include" -E -dM - | sed 's/^#define \([A-Za-z0-9_]*\).*/\1/' | sort
}
macros stdbool.h stddef.h stdint.h stdio.h string.h >before
macros bouton/lang.h bouton/inspect.h bouton/language.h bouton/model.h bouton/runtime.h bouton/bench.h bouton/compiler.h >after
if comm -13 before after | grep -v '^B[LRCT]_\|^BOUTON_'; then
    echo "macros without bouton's prefixes"
    exit 1
fi
folder=${library%/*}
for library in "$folder"/libbouton_*.a "$folder"/libbouton_*.so; do
    [ -f "$library" ] && has nm || continue
    case $library in *.so) shown=-D ;; *) shown=-g ;; esac
    if nm "$shown" --defined-only "$library" | awk 'NF == 3 { print $3 }' | grep -v '^b[lrc]_\|^__\(odr_\)*asan\|^_\(end\|edata\|_bss_start\)$'; then
        echo "$library: symbols without bouton's prefixes"
        exit 1
    fi
done

say "bouton, where it is now"
cp "$sources/tests/golden/small.btn" .
"$prefix/bin/bouton" train small.btn -o small.safetensors >train.log 2>&1 || { cat train.log; exit 1; }
"$prefix/bin/bouton" draw 3 -o three.png >/dev/null
"$prefix/bin/bouton" build small.safetensors -o small >/dev/null
[ "$(./small three.png)" = "$("$build/bouton" predict small.safetensors three.png)" ]
ln -s "$prefix/bin/bouton" linked
./linked build small.safetensors -o again >/dev/null
cmp small again
