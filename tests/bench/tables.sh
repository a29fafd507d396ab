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

pandas_row() { # KIND
    "$python" - "$scratch/table.csv" "$1" <<'P' || true
import os, sys, time
try:
    import numpy, pandas
except ImportError:
    print(f"| {sys.argv[2]}, pandas | not measured: python3-pandas is not installed | | |")
    sys.exit()
import resource
begin = time.process_time()
table = pandas.read_csv(sys.argv[1], header=None, engine="c")
best = time.process_time() - begin
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
speed = os.path.getsize(sys.argv[1]) / 1e6 / best
print(f"| {sys.argv[2]}, pandas {pandas.__version__} | {speed:.0f} MB/s | {peak:.0f} MiB | |")
P
}

echo '| table | reading | peak memory | values |'
echo '|---|---|---|---|'
for kind in digits decimals doubles; do
    make_table $kind
    values=20
    [ $kind = digits ] && values=784
    for round in 1 2 3; do "$build/tests/table_speed" "$scratch/table.csv" $values 10; done | sort -g | head -n 1 |
        awk -v kind=$kind '{ printf "| %s, bouton | %s MB/s | %s MiB | %s MiB |\n", kind, $2, $3, $4 }'
    pandas_row $kind
done
