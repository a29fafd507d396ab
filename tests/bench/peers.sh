#!/bin/sh
# Measures bouton, oneDNN, OpenBLAS and PyTorch in turn on the same shapes, and prints each goal with its ratio.
#
#     sh tests/bench/peers.sh [--threads N] [--rounds N] [--repeat N]
#
# Installs the packages of tests/bench/packages.txt. Rows whose peer cannot be installed are skipped with a message.
# oneDNN is measured in floats and in bytes, at batches of 1, 8 and 64, and the fastest counts. In bytes it may use the
# instructions that bouton uses too, but no tiles of AMX; where the processor has these, they are shown separately.
# OpenBLAS is tried with the kernels of every kind of processor and measured with the fastest. The peers get batches of
# floats or bytes, while bouton starts from raw values. BOUTON_MNIST=DIR and BOUTON_CIFAR=DIR hold the data. Without
# MNIST digits are drawn; without CIFAR-10 its rows are skipped. BUILD=FOLDER names a build with tests to measure.
# --repeat is the number of measurements of each kernel in each round.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$here/lib.sh"
usage() {
    echo "usage: sh tests/bench/peers.sh [--threads N] [--rounds N] [--repeat N]" >&2
    exit 2
}
threads=1
rounds=3
repeat=15
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || usage
    case $1 in
    --threads) threads=$2 && shift 2 ;;
    --rounds) rounds=$2 && shift 2 ;;
    --repeat) repeat=$2 && shift 2 ;;
    *) usage ;;
    esac
done
bench_begin
found=$scratch/found # lines: KEY VALUE, one for each round
: >"$found"
python=/usr/bin/python3

# ---- available peers ----

sh "$root/packaging/install.sh" bench >&2 ||
    echo "note: not all packages of tests/bench/packages.txt can be installed" >&2
dnnl=
blas=
torch=
tiles=
skipped() { # PEER REASON
    echo "$1: its rows are skipped: $2"
    echo
}
if ${CC:-cc} -O2 "$here/dnnl_peer.c" -o "$scratch/dnnl_peer" -ldnnl 2>"$scratch/log"; then
    dnnl=yes
    ! grep -q '^flags.*amx_int8' /proc/cpuinfo || tiles=yes
else
    skipped oneDNN "no library to link with (libdnnl-dev)"
fi
if ${CC:-cc} -O2 "$here/sgemm.c" -o "$scratch/sgemm" -lopenblas 2>"$scratch/log"; then
    blas=yes
else
    skipped OpenBLAS "no library to link with (libopenblas-dev)"
fi
if $python -c 'import torch' 2>"$scratch/log"; then
    torch=yes
else
    skipped PyTorch "$(tail -n 1 "$scratch/log")"
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

# ---- networks ----

if [ -n "$mnist" ]; then
    digits=$root/examples/mnist/mnist.btn
    digits_at=$mnist
else
    drawn_digits >"$scratch/drawn.btn"
    digits=$scratch/drawn.btn
    digits_at=$scratch
    echo "MNIST: not at hand (BOUTON_MNIST=DIR); its rows are measured on drawn digits"
    echo
fi
if [ -z "$cifar" ]; then
    echo "CIFAR-10: not at hand (BOUTON_CIFAR=DIR); its rows are skipped"
    echo
fi

# The networks whose maps are sparse are measured with their random starting values, all others after one epoch.
network mnist/digits.btn "$digits" >"$scratch/perceptron.btn"
network mnist/conv.btn "$digits" >"$scratch/conv_mnist.btn"
network mnist/digits.btn "$digits" | sed 's/dense(500)/dense(512)/' >"$scratch/dense.btn"
{
    cat "$digits"
    sed '/^include/d' "$here/sparse_mnist.btn"
} >"$scratch/sparse_mnist.btn"
if [ -n "$cifar" ]; then
    network cifar10/conv.btn "$here/cifar.btn" >"$scratch/conv_cifar.btn"
    deep_network >"$scratch/deep.btn"
fi

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
if [ -n "$cifar" ]; then
    learn conv_cifar "$cifar"
    learn deep "$cifar"
fi

# ---- measuring ----

bench() { # FILE OPTION...: prints its figures
    "$bouton" bench "$@" --json 2>"$scratch/log" >"$scratch/json" || { cat "$scratch/log" >&2; exit 1; }
    bench_rates <"$scratch/json"
}

timed() { # FILE OPTION...
    bench "$@" --repeat "$repeat" --threads "$threads"
}

keep() { # FROM=TO...: stores the figures FROM under the keys TO of goals.txt
    while read -r key value; do
        case " $* " in
        *" $key="*) for pair in "$@"; do [ "${pair%%=*}" != "$key" ] || echo "${pair#*=} $value"; done ;;
        esac
    done >>"$found"
}

live_shares() { # NAME FILE DATA: the share of each layer's input that is live, over 64 images
    bench "$2" --network depressed --data "$3" --batch 64 --repeat 3 |
        awk -v name="$1" '/^[a-z0-9]*\.live / { print "live." name "." substr($1, 1, length($1) - 5), $2 }' >>"$found"
}
live_shares sparse_mnist "$scratch/sparse_mnist.btn" "$digits_at"
if [ -n "$cifar" ]; then
    live_shares sparse_cifar "$here/sparse_cifar.btn" "$cifar"
    live_shares sparse_wide "$here/sparse_wide.btn" "$cifar"
fi

# ---- rounds: everything in turn ----

onednn() {
    "$scratch/dnnl_peer" "$threads" f32 >"$scratch/onednn"
    DNNL_MAX_CPU_ISA=AVX512_CORE_VNNI "$scratch/dnnl_peer" "$threads" u8s8 >>"$scratch/onednn"
    [ -z "$tiles" ] || "$scratch/dnnl_peer" "$threads" u8s8 | sed 's/\.u8s8 /.amx /' >>"$scratch/onednn"
    awk '{ print "onednn." $1, $2 }' "$scratch/onednn" >>"$found"
}

dense_layers() {
    timed "$scratch/dense.btn" --quantize --batch 64 --live 100% >"$scratch/rates"
    keep hidden.forward.packed=dense.forward hidden.forward.dense=tiles.forward \
        hidden.forward.8-bit=eight.forward <"$scratch/rates"
    awk '$1 == "peak" { print "peak", $2; print "pipe", $2 / 2 }' "$scratch/rates" >>"$found"
    timed "$scratch/dense.btn" --batch 64 --data "$digits_at" | keep hidden.forward.events=first.forward
    timed "$scratch/perceptron.safetensors" --quantize --data "$digits_at" |
        keep network.learn=perceptron.learn.8 network.forward=perceptron.forward network.forward.8-bit=perceptron.eight
    timed "$scratch/perceptron.safetensors" --data "$digits_at" --batch 64 | keep network.learn=perceptron.learn.64
}

convolutions() {
    for name in mnist cifar; do
        timed "$here/convs.btn" --network $name --batch 8 --live 100% | keep c2.forward.chosen=conv.$name
    done
    for share in 100 25 12 6; do
        timed "$here/convs.btn" --network square --batch 8 --live $share% | keep c2.forward.chosen=square.$share
    done
}

whole_networks() {
    timed "$scratch/conv_mnist.safetensors" --data "$digits_at" |
        keep network.learn=conv_mnist.learn network.forward=conv_mnist.forward
    sparse mnist "$scratch/sparse_mnist.btn" "$digits_at"
    [ -n "$cifar" ] || return 0
    timed "$scratch/conv_cifar.safetensors" --data "$cifar" |
        keep network.learn=conv_cifar.learn network.forward=conv_cifar.forward
    timed "$scratch/deep.safetensors" --quantize --data "$cifar" |
        keep network.forward=deep.forward network.forward.8-bit=deep.eight
    sparse cifar "$here/sparse_cifar.btn" "$cifar"
    sparse wide "$here/sparse_wide.btn" "$cifar"
}

sparse() { # NAME FILE DATA
    timed "$2" --network depressed --quantize --data "$3" |
        keep "network.forward=sparse_$1.forward" "network.forward.8-bit=sparse_$1.eight" \
            "network.learn=sparse_$1.learn"
    timed "$2" --network undepressed --data "$3" | keep "network.learn=plain_$1.learn"
}

depression() {
    for kind in depress:native depress8:x86-64-v3; do
        [ "$kind" = depress:native ] || [ "$(uname -m)" = x86_64 ] || continue
        timed "$here/winners.btn" --set keep32=2 --set keep64=4 --batch 1 --live 60% --cpu "${kind#*:}" |
            sed -n "s/^\(k[0-9]*\)\.depress\.seconds/${kind%:*}.\1.seconds/p" >>"$found"
    done
}

paper_features() {
    [ -n "$cifar" ] && [ -x "$build/tests/reference_speed" ] || return 0
    for filters in 256 1024; do
        paper_network "s/let K = .*/let K = $filters;/; s/depress over filters .*/depress over filters keep 2%;/" \
            >"$scratch/paper.btn"
        "$build/tests/reference_speed" "$scratch/paper.btn" "$cifar" cells | keep images=paper.$filters
    done
}

two_threads() {
    for n in 1 2; do
        [ "$n" -le "$processors" ] || continue
        bench "$scratch/perceptron.safetensors" --data "$digits_at" --batch 64 --repeat "$repeat" --threads "$n" |
            keep "network.forward=two.forward.$n" "network.learn=two.learn.$n"
        bench "$scratch/conv_mnist.safetensors" --data "$digits_at" --repeat "$repeat" --threads "$n" |
            keep "network.forward=two.conv.$n"
    done
    [ "$processors" -lt 2 ] || echo "pair $(two_programs)" >>"$found"
}

compiling() {
    bench "$root/examples/mnist/conv.btn" --repeat 3 | keep compile.seconds=compile.conv.seconds
    bench "$here/sparse_mnist.btn" --network depressed --repeat 3 | keep compile.seconds=compile.depressed.seconds
}

round() {
    [ -z "$dnnl" ] || onednn
    [ -z "$blas" ] || echo "sgemm $("$scratch/sgemm" 64 512 784)" >>"$found"
    [ -z "$torch" ] || $python "$here/torch_peer.py" "$threads" >>"$found"
    convolutions
    dense_layers
    whole_networks
    depression
    paper_features
    two_threads
    compiling
}

for _ in $(seq "$rounds"); do
    round
done

# ---- ratios ----

echo "$threads thread$([ "$threads" = 1 ] || echo s), $rounds round$([ "$rounds" = 1 ] || echo s) in turn$(
    [ -z "$blas" ] || echo "; OpenBLAS with the kernels of ${core:-the processor found}")"
echo
awk -F' *[|] *' -v rates="$found" -f "$here/ratios.awk" "$here/goals.txt"
echo
echo "Training 784-500-10 on one thread and on two gives $bits."
echo
if [ -n "$dnnl" ]; then
    echo "oneDNN by itself, in the last round; in brackets the batch that was fastest:"
    echo
    awk -v tiles="$tiles" '
        function scaled(x) {
            if (x >= 1e12)
                return sprintf("%.3g T/s", x / 1e12)
            return (x >= 1e9) ? sprintf("%.3g G/s", x / 1e9) : sprintf("%.3g k/s", x / 1e3)
        }
        function cell(key) { return key in speed ? speed[key] : "-" }
        {
            split($1, part, ".")
            if (!(part[1] in seen)) {
                seen[part[1]] = 1
                shape[++shapes] = part[1]
            }
            speed[$1] = scaled($2) (NF < 4 ? "" : " (" $3 ")")
        }
        END {
            print "| | f32 | u8s8" (tiles ? " | u8s8 with AMX" : "") " |\n|---|---|---|" (tiles ? "---|" : "")
            for (i = 1; i <= shapes; i++)
                print "| " shape[i] " | " cell(shape[i] ".f32") " | " cell(shape[i] ".u8s8") \
                    (tiles ? " | " cell(shape[i] ".amx") : "") " |"
        }' "$scratch/onednn"
    echo
fi
awk '
    { v[$1] = v[$1] sprintf(" %.3g", $2 / 1e9) }
    END {
        print "Multiply-add peak by round, G/s:" v["peak"] "."
        if ("torch.linear" in v)
            print "\nPyTorch linear, 64 x 784 x 512, by round, G/s:" v["torch.linear"] "."
    }' "$found"
