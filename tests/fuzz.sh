#!/bin/sh
# Fuzzes every reader of untrusted input with libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer:
#
#     sh tests/fuzz.sh [--seconds 60] [--jobs CORES] [--build build-test/fuzzer] [--work FOLDER] [--keep] [TARGET...]
#
# Each target (tests/fuzz/fuzz_TARGET.c) runs for the given seconds from its kept corpus, CORES targets at once. The
# script prints the number of inputs for each target, and then their total. An input that crashes, leaks, or takes
# longer than a second of its share of a core is stored in FOLDER and named. --keep adds a few small inputs with new
# coverage to tests/fuzz/corpus.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
seconds=60
jobs=$(nproc)
build=$root/build-test/fuzzer
work=
keep=
targets=
while [ $# -gt 0 ]; do
    case $1 in
        --seconds) seconds=$2; shift ;;
        --jobs) jobs=$2; shift ;;
        --build) build=$2; shift ;;
        --work) work=$2; shift ;;
        --keep) keep=1 ;;
        -*) sed -n '4p' "$0" >&2; exit 2 ;;
        *) targets="$targets $1" ;;
    esac
    shift
done
if [ -z "$targets" ]; then
    for file in "$here"/fuzz/fuzz_*.c; do
        name=${file##*/fuzz_}
        targets="$targets ${name%.c}"
    done
fi
if [ ! -f "$build/build.ninja" ]; then
    cmake -S "$root" -B "$build" -G Ninja -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=Release -DBOUTON_SANITIZE=fuzzer >/dev/null
fi
cmake --build "$build" --target fuzz >/dev/null
[ -n "$work" ] || work=$build/fuzz/work
mkdir -p "$work"
cores=$(nproc)
limit=$(((jobs + cores - 1) / cores))

fuzz() { # TARGET: starts from its corpus and the inputs of earlier runs; writes the log to WORK
    name=$1
    mkdir -p "$work/$name"
    words=$build/fuzz/$name.words
    [ ! -f "$words" ] || set -- "$@" -dict="$words"
    shift
    cd "$work"
    # Freed memory is released soon, so that the memory limit applies to memory in use.
    ASAN_OPTIONS=quarantine_size_mb=16:allocator_release_to_os_interval_ms=500 \
        "$build/fuzz/fuzz_$name" "$@" -max_total_time="$seconds" -timeout="$limit" -rss_limit_mb=3000 \
        -artifact_prefix="$work/crash-$name-" -print_final_stats=1 "$work/$name" "$here/fuzz/corpus/$name" \
        >"$name.log" 2>&1
}

report() { # TARGET: prints the number of inputs, or the failure
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/$1.log")
    if [ -f "$work/$1.ok" ]; then
        echo "$1: $runs inputs"
    else
        echo "$1: FAILED after ${runs:-0} inputs; see $work/$1.log"
        grep -h 'ERROR\|SUMMARY\|broken:\|Test unit written' "$work/$1.log" || true
    fi
}

keep_some() { # TARGET: keeps the smallest inputs with new coverage, few enough for a repository
    mkdir -p "$work/kept"
    "$build/fuzz/fuzz_$1" -set_cover_merge=1 "$work/kept" "$here/fuzz/corpus/$1" "$work/$1" >/dev/null 2>&1
    bytes=0
    for file in $(cd "$work/kept" && ls -Sr | head -n 40); do
        bytes=$((bytes + $(wc -c <"$work/kept/$file")))
        [ "$bytes" -gt 16384 ] || cp "$work/kept/$file" "$here/fuzz/corpus/$1/"
    done
    rm -r "$work/kept"
}

rm -f "$work"/*.ok
running=0
for name in $targets; do
    if [ "$running" -ge "$jobs" ]; then
        wait
        running=0
    fi
    (fuzz "$name" && touch "$work/$name.ok") &
    running=$((running + 1))
done
wait
failed=0
total=0
for name in $targets; do
    report "$name"
    [ -f "$work/$name.ok" ] || failed=$((failed + 1))
    total=$((total + ${runs:-0}))
    [ -z "$keep" ] || keep_some "$name"
done
echo "$total inputs, $failed of $(echo "$targets" | wc -w) targets failed"
[ "$failed" = 0 ]
