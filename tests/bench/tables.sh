#!/bin/sh
# The speed of reading tables of 1 GB, beside the C reader of pandas if python3-pandas is installed:
#
#     BUILD=build sh tests/bench/tables.sh [--megabytes N]
#
# Three tables are made, one after the other: digits of 784 whole numbers (most of them 0, as in MNIST), 20 numbers
# with four decimals, and 20 with all the digits of a double. bouton reads each three times, and the fastest counts;
# pandas reads it once. MB/s are by processor time of one thread. The goals: at least 200 MB/s, and memory of at most
# the values and 64 MiB.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:?the folder of a build with tests}
megabytes=1000
[ $# -ne 2 ] || [ "$1" != --megabytes ] || megabytes=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
python=python3
[ -x /usr/bin/python3 ] && python=/usr/bin/python3

make_table() { # KIND
    "$python" - "$1" "$megabytes" "$scratch/table.csv" <<'P'
import random, sys
kind, size, path = sys.argv[1], int(sys.argv[2]) * 1000000, sys.argv[3]
rng = random.Random(1)
def row():
    if kind == "digits":
        cells = [str(rng.randrange(256)) if rng.random() < 0.2 else "0" for _ in range(784)]
    elif kind == "decimals":
        cells = ["%.4f" % (255 * rng.random()) for _ in range(20)]
    else:
        cells = [repr(rng.random()) for _ in range(20)]
    return ",".join(cells) + ",%d\n" % rng.randrange(10)
rows = [row() for _ in range(2000)]
with open(path, "w") as to:
    written = 0
    while written < size:
        rng.shuffle(rows)
        text = "".join(rows)
        to.write(text)
        written += len(text)
P
}

pandas_cells() { # the end of a row
    "$python" - "$scratch/table.csv" <<'P' || echo ' not measured | |'
import os, sys, time
try:
    import numpy, pandas
except ImportError:
    print(" not measured: python3-pandas is not installed | |")
    sys.exit()
import resource
begin = time.process_time()
table = pandas.read_csv(sys.argv[1], header=None, engine="c")
best = time.process_time() - begin
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
speed = os.path.getsize(sys.argv[1]) / 1e6 / best
print(f" {speed:.0f} MB/s | {peak:,.0f} MiB |")
P
}

version=$("$python" -c 'import pandas; print(pandas.__version__)' 2>/dev/null) || version=
echo "| table | bouton | peak (values alone) | pandas${version:+ $version}, C reader | peak |"
echo '|---|---|---|---|---|'
: >"$scratch/all"
for kind in digits decimals doubles; do
    case $kind in
    digits) values=784 title='784 whole numbers a row' ;;
    decimals) values=20 title='20 numbers of four decimals' ;;
    doubles) values=20 title='20 doubles in full' ;;
    esac
    make_table $kind
    for _ in 1 2 3; do
        "$build/tests/table_speed" "$scratch/table.csv" $values 10 >>"$scratch/$kind"
    done
    sort -g "$scratch/$kind" | head -n 1 >"$scratch/fastest"
    cat "$scratch/fastest" >>"$scratch/all"
    awk -v title="$title" '{ printf "| %s | %s MB/s | %s MiB (%s) |", title, $2, $3, $4 }' "$scratch/fastest"
    pandas_cells
done
echo
awk '
    $2 < 200 { short = short " " $2 " MB/s;" }
    $3 > $4 + 64 { short = short " " $3 " MiB for values of " $4 " MiB;" }
    END {
        sub(/;$/, "", short)
        printf "The goals are at least 200 MB/s, and at most the values and 64 MiB: %s.\n",
            short ? "short," short : "reached"
    }' "$scratch/all"
