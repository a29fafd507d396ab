#!/bin/sh
# Every suite under every sanitizer:   sh tests/sanitizers.sh [address|thread|memory]... [--build FOLDER] [--quick]
#
#     address   AddressSanitizer and UndefinedBehaviorSanitizer: all suites (the build that tests/run.sh makes, too)
#     thread    ThreadSanitizer: runtime and compiler, and a training of three threads. Code that LLVM compiles just in
#               time is not checked; the code that starts and joins threads is.
#     memory    MemorySanitizer: lang and runtime, and the fuzz targets
#
# --quick: of `thread` only the suite of threads and the training (what tests/run.sh runs).
#
# MemorySanitizer needs instrumented code, and LLVM, jansson, zlib and the libraries of pictures are not instrumented.
# Its suites therefore leave out everything that compiles, and everything that reads or writes JSON (model files,
# diagnostics as JSON), gzip or pictures. AddressSanitizer and valgrind check these.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
folder=$root/build-test
kinds=
quick=
while [ $# -gt 0 ]; do
    case $1 in
        address | thread | memory) kinds="$kinds $1" ;;
        --build) folder=$2; shift ;;
        --quick) quick=1 ;;
        *) sed -n '2p' "$0" >&2; exit 2 ;;
    esac
    shift
done
[ -n "$kinds" ] || kinds="address thread memory"
TSAN_OPTIONS=suppressions=$root/tests/thread.supp
MSAN_OPTIONS=poison_in_malloc=0:poison_in_free=0 # of libraries; ours is zeroed or filled at once
export TSAN_OPTIONS MSAN_OPTIONS
BOUTON_TEST_FEWER=${BOUTON_TEST_FEWER:-6}
export BOUTON_TEST_FEWER

build() { # KIND TARGET...
    kind=$1
    shift
    cmake -S "$root" -B "$folder/$kind" -G Ninja -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=Release \
        -DBOUTON_SANITIZE="$kind" >/dev/null
    cmake --build "$folder/$kind" ${1:+--target "$@"} >"$folder/$kind/build.log" 2>&1 || {
        cat "$folder/$kind/build.log"
        return 1
    }
}

# tests/thread.supp names functions and libraries: without a symbolizer ThreadSanitizer can't tell which code is meant.
# Debian's package `llvm` has the one that belongs to its `clang`.
name_symbolizer() {
    symbolizer=$(command -v "$(clang -print-prog-name=llvm-symbolizer)") || {
        echo "no llvm-symbolizer, neither beside clang nor in PATH: ThreadSanitizer's suppressions need it" >&2
        exit 1
    }
    TSAN_OPTIONS=$TSAN_OPTIONS:external_symbolizer_path=$symbolizer
}

suites() { # KIND CTEST-ARGUMENTS...
    kind=$1
    shift
    ctest --test-dir "$folder/$kind" --output-on-failure -j "$(nproc)" "$@"
}

train_in_threads() {
    work=$(mktemp -d)
    "$folder/thread/bouton" train "$root/tests/golden/small.btn" --threads 3 -o "$work/model.safetensors" &&
        "$folder/thread/bouton" eval "$work/model.safetensors" --threads 3
    status=$?
    rm -r "$work"
    return $status
}

for kind in $kinds; do
    mkdir -p "$folder/$kind"
    echo "== $kind"
    case $kind in
        address)
            build address
            suites address
            ;;
        thread)
            name_symbolizer
            if [ -n "$quick" ]; then
                build thread bouton compiler_test_threads
                suites thread -R '^compiler/test_threads$'
            else
                build thread
                suites thread
            fi
            train_in_threads
            ;;
        memory)
            set -- fuzz
            for file in "$root"/tests/lang/test_*.c "$root"/tests/runtime/test_*.c "$root"/tests/data/test_*.c \
                "$root"/tests/tables/test_*.c "$root"/tests/reference/test_*.c; do
                set -- "$@" "$(basename "$(dirname "$file")")_$(basename "$file" .c)"
            done
            build memory "$@"
            suites memory -R '^(lang|runtime|data|tables|reference|fuzz)/' \
                -E '/(test_diagnostics|test_robust|test_compete|test_given|test_redraw|test_store.*|test_cifar|test_data|test_folder|test_png|test_picture.*|test_class_folders)$|^fuzz/(networks|inputs|jpeg|png|pictures|model)$'
            ;;
    esac
done
