#!/bin/sh
# Prints how fast depressed networks could be in 8 bits if the pipes that multiply were never idle, beside oneDNN.
#
#     BOUTON_MNIST=DIR BOUTON_CIFAR=DIR sh tests/bench/bytes.sh
#
# A dense product of bytes takes one operation for a quad of inputs and a vector of neurons, a list two for each live
# quad; the peak allows one operation where it allows a multiply-add of a vector. That is the least time of the sums.
# Depression and pools are taken as they are measured, and in the last column left out. bytes.py adds up.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$here/lib.sh"
bench_begin
[ -n "$mnist" ] && [ -n "$cifar" ] || { echo "BOUTON_MNIST and BOUTON_CIFAR must name the data" >&2; exit 2; }
${CC:-cc} -O2 "$here/dnnl_peer.c" -o "$scratch/dnnl_peer" -ldnnl
OMP_NUM_THREADS=1 DNNL_MAX_CPU_ISA=AVX512_CORE_VNNI "$scratch/dnnl_peer" 1 u8s8 >"$scratch/onednn"
for name in mnist cifar wide; do
    folder=$cifar
    [ $name != mnist ] || folder=$mnist
    "$bouton" bench "$here/sparse_$name.btn" --network depressed --quantize --data "$folder" --repeat 15 --json \
        >"$scratch/$name.json" 2>/dev/null
done
python3 "$here/bytes.py" "$scratch"
