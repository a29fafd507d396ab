#!/bin/sh
# Measures what merging replicas costs, and what two ranks gain, beside the model of docs/scaling.md:
#     scaling.sh BOUTON MNIST [openmpi|mpich]
#
# Three dense networks train for an epoch by one process and by two ranks, each on one thread. `train -v` tells the time
# of a merge. The exchange of the narrowest and the widest network gives the latency and the bandwidth of the machine,
# from which the time of the middle one is predicted. Then the gain of many ranks is computed for two networks of
# machines. Other programs on the machine make the figures of two ranks worthless: three tries, and the best counts.
# With BOUTON_CIFAR=DIR, the convolutions of examples/cifar10/conv.btn learn from 10,000 images on one thread, on two
# threads, by two ranks, and as two unrelated programs at once, three times in turn.
set -eu
if [ $# -lt 2 ] || [ ! -x "$1" ]; then
    echo "usage: $0 BOUTON MNIST [openmpi|mpich], MNIST being the folder of its files" >&2
    exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
bouton=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
data=$(cd "$2" && pwd)
mpi=${3:-mpich}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
cd "$scratch"
export LC_ALL=C NO_COLOR=1 OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
cat >n.btn <<'END'
let width = 200;
network n { input image(28x28); layer hidden = dense(width); layer class = dense(10); }
data mnist { idx train "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"; }
schedule { phase learn { correct hidden, class; epochs 1; batch 8; replicas 8 merge every 10 batches; } }
END

# WIDTH RANKS -> seconds that learning took, of a merge, and of its exchange
measure() {
    start=
    [ "$2" = 1 ] || start="mpirun.$mpi -n $2"
    ranks=
    [ "$2" = 1 ] || ranks=--ranks
    # shellcheck disable=SC2086
    $start "$bouton" train n.btn --data "$data" --set width="$1" --threads 1 -v $ranks -o m.safetensors 2>&1 |
        awk 'function seconds(v, unit) { return v * (unit == "us" ? 1e-6 : unit == "ms" ? 1e-3 : 1) }
             /^replicas merged/ {
                 sub(/^replicas merged /, ""); gsub(/[,;]/, "")
                 merge = seconds($3, $4); exchange = 0
                 for (i = 5; i < NF; i++) if ($(i + 2) == "of" && $(i + 3) == "it") exchange = seconds($i, $(i + 1))
             }
             /^learned/ { gsub(/[(,]/, ""); learned = $2 / ($7 == "samples/s)" ? $6 : $7) }
             END { print learned, merge, exchange }'
}

best() {
    for try in 1 2 3; do measure "$1" "$2"; done | sort -n | head -1
}

for width in 50 200 800; do
    echo "$width $(best $width 1) $(best $width 2)"
done | awk -v R=8 -v M=10 -v n=7500 '
function row(w) { return w }
{
    w[NR] = $1
    # neurons are whole vectors of 16 at most; the class layer has as many
    V[NR] = 784 * 16 * int(($1 + 15) / 16) + 16 * 16 * int(($1 + 15) / 16)
    rounds = n / (R * M)
    batch[NR] = ($2 - rounds * $3) / n
    c[NR] = $3 / (R * V[NR])
    one[NR] = $2; two[NR] = $5; x[NR] = $7
    sent[NR] = 4 * V[NR] * (R / 2 + 1) / 2
}
END {
    rounds = n / (R * M)
    B = (sent[3] - sent[1]) / (x[3] - x[1])
    L = x[1] - sent[1] / B
    if (L < 0 || B <= 0) { # too small to be told from the bytes
        L = 0
        B = (sent[1] + sent[2] + sent[3]) / (x[1] + x[2] + x[3])
    }
    printf "exchange between two ranks: %.0f us and %.2f GB/s\n\n", L * 1e6, B / 1e9
    print "| network | a batch | merging, a value of a replica | one rank | two ranks | predicted | off |"
    print "|---|---|---|---|---|---|---|"
    for (i = 1; i <= 3; i++) {
        p = n / 2 * batch[i] + rounds * (R * V[i] * c[i] / 2 + L + sent[i] / B)
        printf "| 784-%d-10 | %.0f us | %.2f ns | %.2f s | %.2f s | %.2f s | %+.0f%% |\n", w[i], batch[i] * 1e6, c[i] * 1e9, one[i], two[i], p, 100 * (p / two[i] - 1)
    }
}'

[ -n "${BOUTON_CIFAR:-}" ] || exit 0
{
    echo 'data cifar { cifar10 train "data_batch_1.bin.gz"; hold out 10% of train as validation; }'
    sed -e '/^include/d; /^expect/d; /keep best/d' -e 's/epochs 40;/epochs 1; replicas 8 merge every 2 batches;/' \
        "$here/../../examples/cifar10/conv.btn"
} >conv.btn
# shellcheck disable=SC2086
learned() { # COMMAND... -> samples learned in a second
    "$@" train conv.btn --data "$BOUTON_CIFAR" -v -o "$name.safetensors" $ranks 2>&1 |
        sed -n 's/^learned .*(\([0-9,]*\) samples.*/\1/p' | tr -d ,
}
echo
echo "| samples learned in a second | one thread | two threads | two ranks | two programs, each |"
echo "|---|---|---|---|---|"
name=one
for _ in 1 2 3; do
    ranks="--threads 1"
    one=$(learned "$bouton")
    ranks="--threads 2"
    two=$(learned "$bouton")
    ranks="--threads 1 --ranks"
    shared=$(learned mpirun.$mpi -n 2 "$bouton")
    ranks="--threads 1"
    name=other
    learned "$bouton" >other &
    name=one
    beside=$(learned "$bouton")
    wait
    echo "| | $one | $two | $shared | $beside, $(cat other) |"
done
