#!/bin/sh
# The speed of C source beside that of the library of `bouton build` for this machine:   sh tests/bench/csource.sh
# A table: 784-200-10 after three epochs of MNIST and two convolutions of 16 and 32 filters after one, in floats and in
# 8 bits; the median time of a picture, and the speeds of gcc's and clang's code at -O2, plain and with -march=native, as
# shares of the library's. One thread, one picture at a time, all in turn; 2,000 test pictures, 15 rounds (ROUNDS). Labels
# that differ end it. BUILD names a build; otherwise it makes one. Takes about two minutes.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$here/lib.sh"
bench_begin
[ -n "$mnist" ] || { echo "\$BOUTON_MNIST names no folder with MNIST" >&2; exit 3; }
for tool in gcc clang; do
    command -v $tool >/dev/null || { echo "$tool is not installed" >&2; exit 3; }
done
bouton=$(cd "$(dirname "$bouton")" && pwd)/bouton
cd "$scratch"
gcc -O2 -o csource_speed "$here/csource_speed.c" -ldl
gzip -dc "$mnist/t10k-images-idx3-ubyte.gz" | tail -c +17 | head -c $((784 * 2000)) >pictures
cp "$root"/examples/mnist/*.btn .
sed 's/epochs [0-9]*;/epochs 3;/; /^expect/d' hidden200.btn >dense.btn
sed 's/epochs 14/epochs 1/; /^expect/d; /^let least/d; s/, 32)/, 16)/; s/, 64)/, 32)/' conv.btn >convolutions.btn

# objects: the source net.c as shared objects
objects() {
    for compiler in gcc clang; do
        $compiler -std=c99 -O2 -fPIC -shared -o $compiler.so net.c
        $compiler -std=c99 -O2 -march=native -fPIC -shared -o $compiler.native.so net.c
    done
}

echo "| network | numbers | --optimise | library, µs | gcc -O2 | clang -O2 | gcc -O2 -march=native | clang -O2 -march=native |"
echo "|---|---|---|---|---|---|---|---|"
for model in dense convolutions; do
    "$bouton" train $model.btn --data "$mnist" -o $model.safetensors >/dev/null 2>&1
    network=$(sed -n 's/^network \([a-z0-9]*\) .*/\1/p' $model.btn)
    for numbers in floats "8 bits"; do
        set -- --data "$mnist"
        [ "$numbers" = floats ] || set -- "$@" --quantize --quantize-loss 100
        "$bouton" build $model.safetensors --emit=lib -o native "$@" >/dev/null
        for optimise in size speed; do
            "$bouton" build $model.safetensors --emit=c -o net --optimise=$optimise "$@" >/dev/null
            objects
            ./csource_speed "$network" pictures "${ROUNDS:-15}" ./libnative.so ./gcc.so ./clang.so ./gcc.native.so \
                ./clang.native.so >rates || { cat rates; exit 1; }
            awk -v row="| $model | $numbers | $optimise" 'NR == 1 { row = row " | " $2 } NR > 1 { row = row " | " $3 }
                END { print row " |" }' rates
        done
    done
done
