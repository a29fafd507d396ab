#!/bin/sh
# Measures bouton, OpenBLAS and PyTorch in turn on the same shapes, and prints each goal with the measured ratio.
#
#     sh tests/bench/peers.sh [--threads N] [--rounds N]
#
# Installs the packages of tests/bench/packages.txt. Rows whose peer cannot be installed are skipped with a message.
# OpenBLAS is tried with the kernels of every kind of processor and measured with the fastest. The peers get batches of
# floats, while bouton starts from raw bytes. BOUTON_MNIST=DIR and BOUTON_CIFAR=DIR hold the data. Without MNIST digits
# are drawn; without CIFAR-10 its rows are skipped. BUILD=FOLDER names a build with tests to measure.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$here/lib.sh"
threads=1
rounds=3
while [ $# -gt 0 ]; do
    case $1 in
    --threads) threads=$2 && shift 2 ;;
    --rounds) rounds=$2 && shift 2 ;;
    *) echo "usage: sh tests/bench/peers.sh [--threads N] [--rounds N]" >&2; exit 2 ;;
    esac
done
bench_begin
found=$scratch/found # lines: KEY VALUE, one for each round
: >"$found"
python=/usr/bin/python3

# ---- available peers ----

sh "$root/packaging/install.sh" bench >&2 || echo "note: not all packages of tests/bench/packages.txt can be installed" >&2
blas=
torch=
if ${CC:-cc} -O2 "$here/sgemm.c" -o "$scratch/sgemm" -lopenblas 2>"$scratch/log"; then
    blas=yes
else
    echo "OpenBLAS: its rows are skipped: no library to link with (libopenblas-dev)"
fi
if $python -c 'import torch' 2>"$scratch/log"; then
    torch=yes
else
    echo "PyTorch: its rows are skipped: $(tail -n 1 "$scratch/log")"
fi
processors=$(nproc) # before OMP_NUM_THREADS is set, because nproc prints that
export OPENBLAS_NUM_THREADS="$threads" OMP_NUM_THREADS="$threads"

# OpenBLAS picks its kernels by processor, but those of another may be faster. Kernels that cannot run here fail and are
# left out.
best=0
core=
if [ -n "$blas" ]; then
    for kernels in "" Haswell Zen SkylakeX Cooperlake Sapphirerapids; do
        speed=$(OPENBLAS_CORETYPE=$kernels "$scratch/sgemm" 64 512 784 2>/dev/null) || continue
        if [ "$(echo "$speed $best" | awk '{ print ($1 > $2) }')" = 1 ]; then
            best=$speed
            core=$kernels
        fi
    done
    [ -z "$core" ] || export OPENBLAS_CORETYPE="$core"
fi

# ---- networks, trained for one epoch ----

if [ -n "$mnist" ]; then
    digits=$root/examples/mnist/mnist.btn
    digits_at=$mnist
else
    drawn_digits >"$scratch/drawn.btn"
    digits=$scratch/drawn.btn
    digits_at=$scratch
    echo "MNIST: not at hand (BOUTON_MNIST=DIR); its rows are measured on drawn digits"
fi
network mnist/digits.btn "$digits" >"$scratch/perceptron.btn"
network mnist/conv.btn "$digits" >"$scratch/conv_mnist.btn"
network mnist/digits.btn "$digits" | sed 's/dense(500)/dense(512)/' >"$scratch/dense.btn"
[ -z "$cifar" ] || network cifar10/conv.btn "$root/examples/cifar10/cifar.btn" >"$scratch/conv_cifar.btn"
[ -n "$cifar" ] || echo "CIFAR-10: not at hand (BOUTON_CIFAR=DIR); its rows are skipped"

learn() { # NAME DATA OPTION...
    name=$1
    folder=$2
    shift 2
    "$bouton" train "$scratch/$name.btn" --data "$folder" -o "$scratch/$name.safetensors" "$@" >"$scratch/log" 2>&1 ||
        { cat "$scratch/log" >&2; exit 1; }
}
learn perceptron "$digits_at" --threads 2
mv "$scratch/perceptron.safetensors" "$scratch/two.safetensors"
learn perceptron "$digits_at" --threads 1
if cmp -s "$scratch/perceptron.safetensors" "$scratch/two.safetensors"; then
    bits="the same bits"
else
    bits="DIFFERENT bits"
fi
learn conv_mnist "$digits_at"
[ -z "$cifar" ] || learn conv_cifar "$cifar"

# ---- rounds: everything in turn ----

bench() { # FILE OPTION...: prints its rates
    "$bouton" bench "$@" --repeat 15 --json 2>"$scratch/log" >"$scratch/json" || { cat "$scratch/log" >&2; exit 1; }
    bench_rates <"$scratch/json"
}

keep() { # FROM=TO...: stores the rates FROM under the keys TO of goals.txt
    while read -r key value; do
        case " $* " in
        *" $key="*) for pair in "$@"; do [ "${pair%%=*}" != "$key" ] || echo "${pair#*=} $value"; done ;;
        esac
    done >>"$found"
}

round() {
    [ -z "$blas" ] || echo "sgemm $("$scratch/sgemm" 64 512 784)" >>"$found"
    bench "$scratch/dense.btn" --quantize --batch 64 --live 100% --threads "$threads" >"$scratch/rates"
    keep hidden.forward.packed=dense.forward hidden.forward.dense=tiles.forward hidden.forward.8-bit=eight.forward <"$scratch/rates"
    awk '$1 == "peak" { print "peak", $2; print "pipe", $2 / 2 }' "$scratch/rates" >>"$found"
    bench "$scratch/dense.btn" --batch 64 --data "$digits_at" --threads "$threads" |
        keep hidden.forward.events=first.forward
    bench "$scratch/perceptron.safetensors" --quantize --data "$digits_at" --threads "$threads" |
        keep network.learn=perceptron.learn.8 network.forward=perceptron.forward network.forward.8-bit=perceptron.eight
    for n in 1 2; do
        [ "$n" -le "$processors" ] || continue
        bench "$scratch/perceptron.safetensors" --data "$digits_at" --batch 64 --threads "$n" >"$scratch/rates"
        keep "network.forward=two.forward.$n" "network.learn=two.learn.$n" <"$scratch/rates"
        [ "$n" != "$threads" ] || keep network.learn=perceptron.learn.64 <"$scratch/rates"
    done
    bench "$scratch/conv_mnist.safetensors" --data "$digits_at" --threads "$threads" |
        keep network.learn=conv_mnist.learn network.forward=conv_mnist.forward
    [ -z "$cifar" ] || bench "$scratch/conv_cifar.safetensors" --data "$cifar" --threads "$threads" |
        keep network.learn=conv_cifar.learn network.forward=conv_cifar.forward
    [ -z "$torch" ] || $python "$here/torch_peer.py" "$threads" >>"$found"
}

for _ in $(seq "$rounds"); do
    round
done

# ---- ratios ----

echo "$threads thread$([ "$threads" = 1 ] || echo s), $rounds rounds in turn; OpenBLAS with the kernels of ${core:-the processor found}"
echo
awk -F' *[|] *' -v rates="$found" -f "$here/ratios.awk" "$here/goals.txt"
echo
echo "Training 784-500-10 on one thread and on two gives $bits."
echo
awk '
    { v[$1] = v[$1] sprintf(" %.3g", $2 / 1e9) }
    END {
        print "Multiply-add peak by round, G/s:" v["peak"] "."
        if ("torch.linear" in v)
            print "\nPyTorch linear, 64 x 784 x 512, by round, G/s:" v["torch.linear"] "."
    }' "$found"
