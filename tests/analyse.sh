#!/bin/sh
# Static analysis; fails on any finding that is not a reviewed exception:
#
#     sh tests/analyse.sh [--build build-test/gcc] [FILE.c...]
#
# Runs cppcheck (exceptions: tests/cppcheck.txt), then clang-tidy with the checks and exceptions of .clang-tidy, over
# lang, runtime and compiler. This takes about five minutes on two cores. With FILEs, only clang-tidy runs, on them.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
build=build-test/gcc
if [ "${1:-}" = --build ]; then
    build=$2
    shift 2
fi
cmake -S . -B "$build" -G Ninja -DCMAKE_EXPORT_COMPILE_COMMANDS=ON >/dev/null
cmake --build "$build" --target bouton_lang >/dev/null # generates the scanner and the parser
if [ $# = 0 ]; then
    cppcheck -q -j "$(nproc)" --std=c11 --enable=warning,performance,portability --error-exitcode=1 \
        --suppressions-list=tests/cppcheck.txt -Ilang -Iruntime -Icompiler -Ilang/include -Iruntime/include \
        -Icompiler/include -Icompiler/driver -Iinclude lang runtime compiler
    echo "cppcheck: clean"
    # shellcheck disable=SC2046
    set -- $(git ls-files 'lang/*.c' 'runtime/*.c' 'compiler/*.c')
fi
printf '%s\n' "$@" | xargs -P "$(nproc)" -n 1 clang-tidy --quiet -p "$build" 2>/dev/null
echo "clang-tidy: $# files clean"
