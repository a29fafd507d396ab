#!/bin/sh
# Counts the instructions of every kernel and compares them with tests/bench/counts.txt, within 3 %.
#
#     sh tests/bench/count.sh BUILD             BUILD: the folder of a build with tests
#     sh tests/bench/count.sh BUILD --rewrite   stores the new counts
#
# callgrind counts instructions, so the load of the machine does not matter. Kernels are compiled for x86-64-v3, because
# valgrind does not support AVX-512. LLVM's code changes from version to version, so counts are compared only if LLVM
# has the version with which they were stored.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cpu=x86-64-v3
counts=$here/counts.txt
if [ $# -lt 1 ] || { [ $# -gt 1 ] && [ "$2" != --rewrite ]; }; then
    echo "usage: sh tests/bench/count.sh BUILD [--rewrite]" >&2
    exit 2
fi
program=$1/tests/count_kernels
skip() {
    echo "SKIP  instruction counts: $1"
    exit 0
}
command -v valgrind >/dev/null || skip "valgrind is not installed"
[ -x "$program" ] || skip "$program is not built: valgrind's headers were missing"
if ! grep -q ' avx2 ' /proc/cpuinfo || ! grep -q ' fma ' /proc/cpuinfo; then
    skip "the processor cannot run code for $cpu"
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

# Code is loaded once and never changed, so valgrind need not check for changes (--smc-check=none).
networks=$(sed -n 's/^network \([a-z]*\) .*/\1/p' "$here/count.btn")
# shellcheck disable=SC2086
valgrind --tool=callgrind --instr-atstart=no --smc-check=none --callgrind-out-file="$scratch/dump" \
    "$program" "$here/count.btn" "$cpu" $networks >"$scratch/version" 2>"$scratch/log" || { cat "$scratch/log"; exit 1; }
version=$(sed -n 's/^llvm \([0-9]*\).*/\1/p' "$scratch/version")
cat "$scratch"/dump.* | sed -n 's/^desc: Trigger: Client Request: //p; s/^totals: //p' | paste - - |
    awk '{ print $1, $2 }' | LC_ALL=C sort >"$scratch/found"
[ -s "$scratch/found" ] || { cat "$scratch/log"; echo "nothing was counted"; exit 1; }

if [ $# -gt 1 ]; then
    {
        echo "# Instructions of each kernel of tests/bench/count.btn on a batch of 16, code for $cpu."
        echo "# Written by: sh tests/bench/count.sh BUILD --rewrite"
        echo "llvm $version"
        cat "$scratch/found"
    } >"$counts.tmp"
    mv "$counts.tmp" "$counts"
    echo "stored $(grep -c . "$scratch/found") counts"
    exit 0
fi
stored=$(sed -n 's/^llvm //p' "$counts")
[ "$stored" = "$version" ] || skip "counts are stored for LLVM $stored, this is LLVM $version"
grep -v '^#\|^llvm' "$counts" | awk -v found="$scratch/found" '
    BEGIN { while ((getline line < found) > 0) { split(line, field, " "); now[field[1]] = field[2] } }
    function differs(how, share) {
        printf "%s: %d instructions, %.1f %% %s than the %d stored\n", $1, now[$1], 100 * share, how, $2
        failed++
    }
    { kernels++ }
    !($1 in now) { print $1 ": stored, but there is no such kernel"; failed++; next }
    now[$1] > 1.03 * $2 { differs("more", now[$1] / $2 - 1) }
    now[$1] < 0.97 * $2 { differs("fewer", 1 - now[$1] / $2) }
    { delete now[$1] }
    END {
        for (kernel in now) { print kernel ": counted, but not stored"; failed++ }
        printf "%d kernels, %d differ\n", kernels, failed
        if (failed)
            print "what is meant is stored by: sh tests/bench/count.sh BUILD --rewrite"
        exit failed > 0
    }'
