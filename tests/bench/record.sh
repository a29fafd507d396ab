#!/bin/sh
# Measures and writes docs/benchmarks.md, or FILE. This takes some twenty minutes on an idle machine:
#
#     sh tests/bench/record.sh [--rounds N] [--repeat N] [--megabytes N] [-o FILE]
#
# BUILD, BOUTON_MNIST and BOUTON_CIFAR, --rounds and --repeat have the same meaning as in tests/bench/peers.sh, which
# this script calls; --megabytes is the size of the tables of tests/bench/tables.sh. Where data are missing, the page
# says so.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$here/lib.sh"
usage() {
    echo "usage: sh tests/bench/record.sh [--rounds N] [--repeat N] [--megabytes N] [-o FILE]" >&2
    exit 2
}
rounds=3
repeat=15
megabytes=1000
to=$root/docs/benchmarks.md
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || usage
    case $1 in
    --rounds) rounds=$2 && shift 2 ;;
    --repeat) repeat=$2 && shift 2 ;;
    --megabytes) megabytes=$2 && shift 2 ;;
    -o) to=$2 && shift 2 ;;
    *) usage ;;
    esac
done
bench_begin
export BUILD="$build" BOUTON_MNIST="$mnist" BOUTON_CIFAR="$cifar"
page=$scratch/benchmarks.md
load=$(cut -d ' ' -f 1 /proc/loadavg)

# The value of a key of bench's JSON.
fact() { # KEY FILE
    sed -n "s/^  \"$1\": \"\\{0,1\\}\\([^\",]*\\)\"\\{0,1\\},\$/\\1/p" "$2"
}

processors_together() {
    for _ in 1 2 3; do two_programs; done | sort -g | tr '\n' ' ' | awk '{ printf "%.2f (%.2f to %.2f)", $2, $1, $3 }'
}

machine() {
    "$bouton" bench "$root/examples/digits/digits.btn" --repeat 3 --json >"$scratch/facts" 2>/dev/null
    cat <<END
| machine | |
|---|---|
| processor | $(fact processor "$scratch/facts"), $(fact clock "$scratch/facts"), compiled for $(fact cpu "$scratch/facts") |
| processors | $(fact threads_available "$scratch/facts"); one thread unless stated otherwise |
| system | $(. /etc/os-release && echo "$PRETTY_NAME"), Linux $(uname -r | cut -d - -f 1) |
| compilers | $(${CC:-cc} --version | head -n 1); LLVM $(fact llvm "$scratch/facts") |
| multiply-add peak | $(awk -v p="$(fact peak_multiply_adds_per_second "$scratch/facts")" 'BEGIN { printf "%.1f G/s", p / 1e9 }') |
| two programs at once, each on one thread | train $(processors_together) times as many samples as one alone |
| date | $(date -u +%Y-%m-%d) |
| load at the start | $load other programs that wanted a processor |
END
}

kernels() { # NAME FILE OPTION...
    name=$1
    shift
    echo
    printf '    $ bouton bench %s\n' "$name"
    "$bouton" bench "$@" 2>"$scratch/log" | sed 's/^\(.\)/    \1/'
    sed -n 's/^warning: /\n/p' "$scratch/log"
}

# ---- compile time ----

stack() { # LAYERS: prints a network of that depth
    echo "network stack$1 { input image(28x28) in [0, 0.5];"
    for i in $(seq "$1"); do echo "  layer l$i = dense(64);"; done
    echo '  layer class = dense(10); }'
}

compile_row() { # NAME FILE LAYERS OPTION...
    name=$1
    file=$2
    layers=$3
    shift 3
    for _ in 1 2 3 4 5 6 7; do
        "$bouton" bench "$file" "$@" --repeat 3 --json 2>/dev/null >"$scratch/facts"
        fact compile_seconds "$scratch/facts"
    done >"$scratch/seconds"
    sort -g "$scratch/seconds" | awk -v name="$name" -v layers="$layers" '
        { ms[NR] = 1000 * $1 }
        END {
            printf "| %s | %d | %.0f ms | %.0f ms | %.1f ms |\n", name, layers, ms[1], ms[int((NR + 1) / 2)],
                ms[1] / layers
        }'
}

compile_times() {
    echo '| network | layers | fastest of 7 | median | fastest, by layer |'
    echo '|---|---|---|---|---|'
    compile_row 784-500-10 "$root/examples/mnist/digits.btn" 2
    compile_row 'MNIST convolutional, `examples/mnist/conv.btn`' "$root/examples/mnist/conv.btn" 5
    compile_row 'the same, depressed, `tests/bench/sparse_mnist.btn`' "$here/sparse_mnist.btn" 5 --network depressed
    for n in 10 25 50; do
        stack "$n" >"$scratch/stack.btn"
        compile_row "dense(64), $n times" "$scratch/stack.btn" $((n + 1))
    done
}

# ---- events or tiles ----

form_row() { # NEURONS
    sed "s/dense(500)/dense($1)/" "$root/examples/mnist/digits.btn" >"$scratch/form.btn"
    cp "$root/examples/mnist/mnist.btn" "$scratch"
    printf '| 784 → %s' "$1"
    for live in 20 40 60 80 100; do
        "$bouton" bench "$scratch/form.btn" --batch 64 --live "$live%" --repeat 9 --json 2>/dev/null | bench_rates |
            awk '$1 == "hidden.forward.events" { e = $2 } $1 == "hidden.forward.dense" { d = $2 }
                 $1 == "hidden.forward.packed" { p = $2 }
                 END { printf " | %.3g / %.3g / %.3g", e / 1e9, d / 1e9, p / 1e9 }'
    done
    echo ' |'
}

# ---- memory ----

memory() {
    [ -n "$mnist" ] || { echo 'Not measured: MNIST is not at hand.'; return; }
    [ -x /usr/bin/time ] || { echo 'Not measured: /usr/bin/time is not installed.'; return; }
    network mnist/digits.btn "$root/examples/mnist/mnist.btn" >"$scratch/memory.btn"
    /usr/bin/time -f '%M' -o "$scratch/kib" "$bouton" train "$scratch/memory.btn" --data "$mnist" --threads 1 \
        -o "$scratch/memory.safetensors" >"$scratch/log" 2>&1
    bytes=0
    for file in "$mnist"/*; do
        case $file in
        *.gz) n=$(gzip -dc "$file" | wc -c) ;;
        *) n=$(wc -c <"$file") ;;
        esac
        bytes=$((bytes + n))
    done
    model=$(wc -c <"$scratch/memory.safetensors")
    awk -v data="$bytes" -v model="$model" -v kib="$(tail -n 1 "$scratch/kib")" 'BEGIN {
        mib = 1048576
        asked = (data + 3 * model) / mib + 64
        held = kib / 1024
        printf "Training 784-500-10 on MNIST needs at most %.0f MiB (`/usr/bin/time -f %%M`).\n", held
        printf "The goal is at most data + 3 x model + 64 MiB = %.0f + 3 x %.1f + 64 = %.0f MiB: ", data / mib, model / mib, asked
        print (held <= asked) ? "reached." : sprintf("missed by %.0f MiB.", held - asked)
    }'
}

# ---- features of the paper's network ----

features() {
    [ -n "$cifar" ] || { echo 'Not measured: CIFAR-10 is not at hand.'; return; }
    paper_network >"$scratch/paper.btn"
    "$build/tests/reference_speed" "$scratch/paper.btn" "$cifar" cells >"$scratch/speed"
    awk '{ v[$1] = $2 } END {
        print "| `edges` and `cells` of `examples/cifar10/paper.btn` | images/s | connections/s |\n|---|---|---|"
        printf "| bouton, one thread | %.0f | %.1f G |\n", v["images"], v["connections"] / 1e9
        printf "| `tests/reference`, plain C | %.2f | %.3f G |\n", v["reference_images"], v["reference_connections"] / 1e9
        printf "\nThe ratio is %.0f; the goal is at least 10: %s. The drives of the two differ by %s relative\nto the largest drive.\n",
            v["ratio"], (v["ratio"] >= 10) ? "reached" : "short", v["apart"]
    }' "$scratch/speed"
}

# ---- tables ----

tables() {
    [ -x "$build/tests/table_speed" ] || { echo 'Not measured: the build has no tests.'; return; }
    cat <<END
\`BUILD=build sh tests/bench/tables.sh --megabytes $megabytes\` makes three tables of $megabytes MB and reads each on one
thread, by processor time, bouton three times and pandas once; the fastest time counts. Peak memory
is that of the process.

END
    BUILD="$build" sh "$here/tables.sh" --megabytes "$megabytes"
}

# ---- the page ----

{
    cat <<END
# Benchmarks

Written by \`sh tests/bench/record.sh\`; every figure is from that run. One thread is timed by the
processor time it uses; several threads are timed by the clock. If other programs use the machine
too, figures of several threads mean little, and \`bench\` warns of that under its table.

$(machine)

## Beside others

\`sh tests/bench/peers.sh --rounds $rounds --repeat $repeat\` measures bouton, oneDNN, OpenBLAS's \`sgemm\`
and PyTorch in turn on the same shapes and the same number of threads. "Reached" is the median of
the rounds' ratios, and "asked" is the goal; the ratio to the other peer is only shown.

oneDNN multiplies every value, live or not, in floats (f32) or bytes (u8s8); the fastest of batches
of 1, 8 and 64 samples counts. Its times are of products alone, in its own layouts; whole networks
of bouton, from raw values to labels, stand beside its convolutions of the same shapes one after the
other. In bytes it may use AVX-512 with VNNI but no tiles of AMX, which bouton does not use either;
where the processor has them, the second table has a column with them. PyTorch trains and predicts
at the faster of batch sizes 8 and 64.

The networks of \`examples/\` are trained for one epoch before they are measured, those of CIFAR-10 on
9,000 images. Depressed networks (\`tests/bench/sparse_*.btn\`) are measured with random starting
values. "Live" is the share of the values that a layer reads which are above 0, over 64 images. A
row says "starved" if it is less than the share for which the goal is set.

In inference, a dense layer has packed bounds and needs two vector operations for each vector of
connections. On AMD's processors only one of them, the multiply-add, needs the pipes that multiply,
so these allow the multiply-add peak. In training, tiles need three vector operations, two of which
run on the same pair of pipes; this allows half of the peak. Half of one of the two is sent to the
other pair of pipes, as a multiply-add by −1, so the tiles may exceed half of the peak. On Intel's
processors every operation on 512 bits runs on the same two pipes, which allows a half and a third
of the peak.

The goals of \`cifar10/paper.btn\` are those of a processor with a peak of 131 G/s. Its 1,024 filters have
161 M connections for an image, 256 filters 40 M, half of them live. Packed bounds take one
multiply-add for each, lists of live inputs three operations for each live one, two of them on the
pipes that multiply. Both allow at most the peak divided by 161 M, or 40 M, images a second. In 8 bits a live quad of
inputs takes two operations, and each quad of a dense product one; so depressed maps gain less there
([quantised.md](design/quantised.md)).

END
    sh "$here/peers.sh" --rounds "$rounds" --repeat "$repeat"
    cat <<'END'

## Kernels

Every connection counts, live or silent; [the command line](commands.md#bench) explains the columns.
END
    if [ -n "$mnist" ]; then
        kernels 'examples/mnist/digits.btn --data DIR' "$root/examples/mnist/digits.btn" --data "$mnist"
        kernels 'examples/mnist/conv.btn --data DIR' "$root/examples/mnist/conv.btn" --data "$mnist"
        kernels 'tests/bench/sparse_mnist.btn --network depressed --data DIR' \
            "$here/sparse_mnist.btn" --network depressed --data "$mnist"
    else
        kernels examples/mnist/digits.btn "$root/examples/mnist/digits.btn"
        kernels examples/mnist/conv.btn "$root/examples/mnist/conv.btn"
    fi
    cat <<'END'

## Events or tiles

Forward pass of a dense layer at batch size 64, for several shares of live inputs
(`bouton bench FILE --batch 64 --live SHARE`). Each cell gives G connections/s with lists of live
inputs / with tiles over all inputs / with tiles of packed bounds. In training a layer uses tiles if
the second number is larger than the first. In inference it uses packed bounds if the third number
is the largest.

| layer | 20 % live | 40 % | 60 % | 80 % | 100 % |
|---|---|---|---|---|---|
END
    form_row 512
    form_row 32
    form_row 10
    cat <<'END'

## Compile time

`compile_seconds` of `bouton bench FILE --json`: planning, emission, LLVM, and looking up every
kernel. The goals are 50 ms for a perceptron, 250 ms for the convolutional network, 350 ms for the
same with depression, and a time linear in the number of layers.

END
    compile_times
    printf '\n## Memory\n\n'
    memory
    printf '\n## Features of the paper’s network\n\n'
    features
    printf '\n## Reading tables\n\n'
    tables
} >"$page"
mv "$page" "$to"
echo "wrote $to"
