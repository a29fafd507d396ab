# Functions shared by the benchmark scripts. A script sets `root` and then reads this file.

# Builds bouton unless BUILD, the folder of a build with tests, is given. Finds data next to the checkout.
bench_begin() {
    build=${BUILD:-$root/build-bench}
    if [ -z "${BUILD:-}" ]; then
        echo "building in $build" >&2
        { sh "$root/packaging/install.sh" test &&
            cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release &&
            cmake --build "$build" --target bouton reference_speed; } >"$root/build-log.tmp" 2>&1 ||
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

# Prints the rates in a bench's JSON as lines: "LAYER.WORK.FORM CONNECTIONS" and "network.WORK SAMPLES" per second, and
# "peak". The key of a network row that is not in floats is "network.WORK.FORM".
bench_rates() {
    awk -F'"' '
        function value() { sub(/.*: /, ""); sub(/,$/, ""); return $0 }
        /"peak_multiply/ { print "peak", value(); next }
        /"network": \[/ { layer = "network" }
        /"layer":/ { layer = $4 }
        /"work":/ { work = $4 }
        /"form":/ { form = $4 }
        /"connections_per_second"/ { print layer "." work "." form, value(); next }
        /"samples_per_second"/ { print layer "." work (form == "floats" ? "" : "." form), value() }'
}

# The median of the numbers on standard input, one a line.
median() {
    sort -g | awk '{ v[NR] = $1 } END { if (NR) print v[int((NR + 1) / 2)] }'
}
