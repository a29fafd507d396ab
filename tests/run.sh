#!/bin/sh
# Builds bouton in three ways and runs every test:   sh tests/run.sh
#
#     gcc, optimised            all suites, a quarter of the random networks; instruction counts of every kernel
#     clang, sanitizers         builds without a warning; an eighth of the random networks, and all suites but those
#                               of foreign machines, MPI and the page, under AddressSanitizer and
#                               UndefinedBehaviorSanitizer; test_threads under ThreadSanitizer
#     clang, libFuzzer          every reader fuzzed for ten seconds
#
# BOUTON_MNIST=DIR (the four MNIST files) enables the tests that need real data; without it they are skipped.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
sh packaging/install.sh test
for place in ../data ../*/data; do # uses data next to the checkout
    [ -z "${BOUTON_MNIST:-}" ] && [ -f "$place/mnist/train-images-idx3-ubyte.gz" ] || continue
    BOUTON_MNIST=$(cd "$place/mnist" && pwd)
    export BOUTON_MNIST
done
passed=0
failed=0

step() { # NAME COMMAND...: runs it, and prints its output only if it fails
    name=$1
    shift
    begin=$(date +%s)
    if "$@" >build-log.tmp 2>&1; then
        passed=$((passed + 1))
        echo "ok    $name ($(($(date +%s) - begin)) s)"
    else
        failed=$((failed + 1))
        cat build-log.tmp
        echo "FAIL  $name"
    fi
    grep '^SKIP\|^\[  SKIPPED \] [a-z]' build-log.tmp | sort -u || true
    rm -f build-log.tmp
}

build() { # FOLDER CMAKE-OPTIONS...
    folder=$1
    shift
    cmake -S . -B "$folder" -G Ninja "$@" && cmake --build "$folder"
}

suites() { # FOLDER
    ctest --test-dir "$1" --output-on-failure -j "$(nproc)" || return
    grep SKIP "$1/Testing/Temporary/LastTest.log" || true # ctest shows no output of a suite that passed or was skipped
}

step "layout" sh tests/format.sh
step "list of diagnostics" sh docs/diagnostics.sh --check
step "figures" sh docs/figures.sh --check
export BOUTON_TEST_FEWER=4
step "build, gcc" build build-test/gcc -DCMAKE_C_COMPILER=gcc -DCMAKE_BUILD_TYPE=Release
step "structure" sh tests/structure.sh build-test/gcc
step "suites, gcc" suites build-test/gcc
step "instruction counts" sh tests/bench/count.sh build-test/gcc
export BOUTON_TEST_FEWER=8
step "build, clang and sanitizers" build build-test/address -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=Release -DBOUTON_SANITIZE=address
step "suites, clang and sanitizers" suites build-test/address
step "threads" sh tests/sanitizers.sh thread --quick
step "fuzzing" sh tests/fuzz.sh --seconds 10 --jobs 11

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
