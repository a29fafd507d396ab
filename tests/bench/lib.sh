# Functions shared by the benchmark scripts. A script sets `root` and then reads this file.

# Builds bouton unless BUILD, the folder of a build with tests, is given. Finds data next to the checkout.
bench_begin() {
    build=${BUILD:-$root/build-bench}
    if [ -z "${BUILD:-}" ]; then
        echo "building in $build" >&2
        { sh "$root/packaging/install.sh" test &&
            cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release &&
            cmake --build "$build" --target bouton reference_speed table_speed; } >"$root/build-log.tmp" 2>&1 ||
            { cat "$root/build-log.tmp" >&2; exit 3; }
        rm -f "$root/build-log.tmp"
    fi
    bouton=$build/bouton
    [ -x "$bouton" ] || { echo "no program $bouton" >&2; exit 3; }
    for place in "$root"/../data "$root"/../*/data; do
        [ -z "${BOUTON_MNIST:-}" ] && [ -f "$place/mnist/train-images-idx3-ubyte.gz" ] &&
            BOUTON_MNIST=$(cd "$place/mnist" && pwd)
        [ -z "${BOUTON_CIFAR:-}" ] && [ -f "$place/cifar-10-batches-bin/data_batch_1.bin.gz" ] &&
            BOUTON_CIFAR=$(cd "$place/cifar-10-batches-bin" && pwd)
    done
    mnist=${BOUTON_MNIST:-}
    cifar=${BOUTON_CIFAR:-}
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    trap 'exit 1' HUP INT TERM
}

# An example's network for one epoch on the data of the file DATA, without `expect`:   network EXAMPLE DATA >FILE
network() {
    sed -e '/^include/d; /^expect/d' -e 's/epochs [0-9]*;/epochs 1;/' "$root/examples/$1"
    cat "$2"
}

# Digits drawn by bouton, used if MNIST is missing. --data may then name any folder.
drawn_digits() {
    echo 'data drawn { synthetic digits(train 10_000, test 2_000); hold out 10% of train as validation; }'
}

# Prints the figures in a bench's JSON as lines "KEY VALUE": "LAYER.WORK.FORM" is connections per second, and
# "LAYER.WORK.chosen" those of the form that the network takes; "network.WORK" is samples per second in floats, and
# "network.WORK.FORM" in another form; "LAYER.WORK.seconds" is the time of one value; "LAYER.live" is a share. The keys
# "peak" and "compile.seconds" belong to the run.
bench_rates() {
    awk -F'"' '
        function value() { sub(/.*: /, ""); sub(/,$/, ""); return $0 }
        /"compile_seconds"/ { print "compile.seconds", value(); next }
        /"peak_multiply/ { print "peak", value(); next }
        /"network": \[/ { layer = "network" }
        /"layer":/ { layer = $4 }
        /"work":/ { work = $4 }
        /"form":/ { form = $4 }
        /"live":/ { if (!seen[layer]++) print layer ".live", value(); next }
        /"connections_per_second"/ { rate = value(); print layer "." work "." form, rate; next }
        /"share_of_inference"/ && work == "forward" { print layer ".forward.chosen", rate; next }
        /"nanoseconds_per_value"/ { print layer "." work ".seconds", value() * 1e-9; next }
        /"samples_per_second"/ { print layer "." work (form == "floats" ? "" : "." form), value() }'
}

# The speed-up of two independent programs over one, by the clock; two threads can't be expected to reach more. It is 2
# on two separate processors, and less if they share a processor, a cache or power.
learn_alone() { # takes a second or two
    "$bouton" train "$root/examples/digits/digits.btn" --threads 1 --save-every 86400 \
        -o "$scratch/$1.safetensors" >/dev/null 2>&1 || true
}
two_programs() {
    begin=$(date +%s.%N)
    learn_alone a
    middle=$(date +%s.%N)
    learn_alone b &
    learn_alone c
    wait
    echo "$begin $middle $(date +%s.%N)" | awk '{ print 2 * ($2 - $1) / ($3 - $2) }'
}

# examples/cifar10/paper.btn with its own data line; its filters keep what SED makes of their depression, if given:
#   paper_network [SED] >FILE
paper_network() {
    echo 'data cifar { cifar10 train "test_batch.bin.gz"; hold out 10% of train as validation; }'
    sed -e '/^include/d; /^expect/d; s/whiten 20_000/whiten 2_000/' -e "${1:-}" "$root/examples/cifar10/paper.btn"
}

# examples/cifar10/deep.btn with 64, 96 and 192 filters, for one epoch of one file of CIFAR-10.
deep_network() {
    sed -e '/^data/,/^}/d; /^expect/d; s/let rounds = .*/let rounds = 1;/; s/warm up 300/warm up 30/' \
        -e 's/, 96)/, 64)/; s/, 192)/, 96)/; s/, 384)/, 192)/' "$root/examples/cifar10/deep.btn"
    cat "$here/cifar.btn"
}

# The median of the numbers on standard input, one a line.
median() {
    sort -g | awk '{ v[NR] = $1 } END { if (NR) print v[int((NR + 1) / 2)] }'
}
