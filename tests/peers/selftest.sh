#!/bin/sh
# Tests accuracy.sh on a few hundred images that are made here:   sh tests/peers/selftest.sh
#
# The class of an image is told by its colours or by the place of a bar. In the test files of MNIST's layout every label
# is one too high, so that the columns `test` and `validation` cannot be confused. If PyTorch is missing, prints a line
# that begins with SKIP and exits with 77.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-/usr/bin/python3}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
failed=0
complain() { echo "$*"; failed=$((failed + 1)); }
accuracy() { sh "$here/accuracy.sh" "$@" 2>"$scratch/log" || { cat "$scratch/log"; return 1; }; }

# ---- without PyTorch ----

mkdir "$scratch/without"
echo 'raise ImportError("it is hidden")' >"$scratch/without/torch.py"
PYTHONPATH=$scratch/without accuracy "$scratch" >"$scratch/said" || complain "a missing PyTorch is a failure"
echo 'SKIP  accuracies of other networks: no PyTorch (it is hidden)' | diff - "$scratch/said" ||
    complain "a missing PyTorch is not told about"
"$python" -c 'import torch' 2>/dev/null || { echo "SKIP  peers: no PyTorch (python3-torch)"; exit 77; }

# ---- images ----

"$python" - "$scratch" <<'P'
import gzip, os, sys
import numpy
draw = numpy.random.default_rng(1)

def coloured(labels):
    """Red, green and blue of a class are bright or dark, in the upper and in the lower half."""
    bits = (labels[:, None] >> numpy.arange(4)) & 1
    image = draw.integers(0, 60, (len(labels), 3, 32, 32))
    upper, lower = slice(0, 16), slice(16, 32)
    for bit, (channel, rows) in enumerate(((0, upper), (1, upper), (0, lower), (2, lower))):
        image[:, channel, rows] += 150 * bits[:, bit, None, None]
    return image.astype(numpy.uint8)

def barred(labels):
    image = draw.integers(0, 60, (len(labels), 28, 28))
    for i, label in enumerate(labels):
        image[i, 4 + 2 * label:6 + 2 * label] = 250
    return image.astype(numpy.uint8)

def labels(count, classes):
    return draw.permutation(numpy.arange(count) % classes)

def records(file, columns):
    file.write(numpy.concatenate([column.reshape(len(columns[0]), -1) for column in columns], 1).astype("u1").tobytes())

folders = {name: os.path.join(sys.argv[1], name) for name in ("cifar10", "cifar100", "mnist")}
for folder in folders.values():
    os.mkdir(folder)
for name, count in (("data_batch_1.bin", 200), ("data_batch_2.bin.gz", 200), ("test_batch.bin", 100)):
    own = labels(count, 10)
    with (gzip.open if name.endswith("gz") else open)(os.path.join(folders["cifar10"], name), "wb") as file:
        records(file, (own, coloured(own)))
for name, count in (("train.bin", 400), ("test.bin", 100)):
    own = labels(count, 100)
    with open(os.path.join(folders["cifar100"], name), "wb") as file:
        records(file, (own // 5, own, coloured(own % 10)))
for name, count, wrong in (("train", 400, 0), ("t10k", 100, 1)):
    own = labels(count, 10)
    with gzip.open(os.path.join(folders["mnist"], f"{name}-images-idx3-ubyte.gz"), "wb") as file:
        file.write(b"\0\0\x08\x03" + b"".join(n.to_bytes(4, "big") for n in (count, 28, 28)) + barred(own).tobytes())
    with gzip.open(os.path.join(folders["mnist"], f"{name}-labels-idx1-ubyte.gz"), "wb") as file:
        file.write(b"\0\0\x08\x01" + count.to_bytes(4, "big") + ((own + wrong) % 10).astype("u1").tobytes())
P

# ---- tables ----

# Prints NAME TEST VALIDATION PARAMETERS MULTIPLY-ADDS for each row of a table.
rows() { awk -F' *[|] *' '/^[|] [a-z]/ && !/^[|] network/ { gsub(/,/, ""); print $2, $3, $4, $5, $6 }'; }

# The costs are counted by hand: a convolution of KxK from C channels to F on N places costs K K C F N.
accuracy "$scratch/cifar10" plain bare dropout dropconnect maxout nin maxout-dropout nin-dropout \
    --epochs 1 --batch 16 >"$scratch/cifar10.table" || complain "CIFAR-10 failed"
rows <"$scratch/cifar10.table" >"$scratch/cifar10.rows"
awk '{ print $1, $4, $5 }' "$scratch/cifar10.rows" >"$scratch/costs"
diff - "$scratch/costs" <<'END' || complain "not the networks and costs of CIFAR-10"
plain 254346 26572800
bare 253994 26572800
dropout 254346 26572800
dropconnect 254346 26572800
maxout 247850 27449856
nin 235146 26605568
maxout-dropout 247850 27449856
nin-dropout 235146 26605568
END
awk '$1 ~ /plain|dropconnect|maxout$/ && ($2 < 50 || $3 < 50) { print; bad = 1 } END { exit bad }' \
    "$scratch/cifar10.rows" || complain "these networks have hardly learned the colours"
grep -q '360 images learned, 40 held out, 100 test; mirrored and shifted by up to 2;' "$scratch/cifar10.table" ||
    complain "not the numbers of images of CIFAR-10"

accuracy "$scratch/mnist" plain --epochs 3 --batch 16 --seeds 1 2 >"$scratch/mnist.table" || complain "MNIST failed"
grep -q '^| plain | [0-9.]* ± [0-9.]* | [0-9.]* ± [0-9.]* | 104,426 | 7,462,656 | ' "$scratch/mnist.table" ||
    complain "not the row of two seeds on MNIST"
sed 's/ ± [0-9.]*//g' "$scratch/mnist.table" | rows |
    awk '{ bad = $2 > 25 || $3 < 50 } END { exit NR != 1 || bad }' ||
    complain "MNIST: the test file's labels are wrong and the held-out ones right, but the row does not show it"

# The same seed gives the same bits, another seed does not.
accuracy "$scratch/cifar100" dropconnect --epochs 1 --seeds 1 1 2 --no-test --floats bfloat16 \
    >"$scratch/cifar100.table" || complain "CIFAR-100 failed"
rows <"$scratch/cifar100.table" | awk '{ exit !(NR == 1 && $1 == "dropconnect" && $2 == "-") }' ||
    complain "not the row of CIFAR-100 without a test"
grep -q '360 images learned, 40 held out, 100 test;' "$scratch/cifar100.table" ||
    complain "a tenth of four images of each class is not a tenth of all"
sed -n 's/.*\(loss [0-9.]*\).*/\1/p' "$scratch/log" >"$scratch/losses"
awk '{ loss[NR] = $0 } END { exit !(NR == 3 && loss[1] == loss[2] && loss[2] != loss[3]) }' "$scratch/losses" ||
    complain "seeds 1, 1 and 2 have the losses $(paste -s "$scratch/losses")"

# ---- mistakes ----

refused() { # STATUS TEXT ARGUMENT...
    status=$1
    text=$2
    shift 2
    result=0
    sh "$here/accuracy.sh" "$@" >"$scratch/said" 2>&1 || result=$?
    if [ "$result" != "$status" ] || ! grep -q "$text" "$scratch/said"; then
        cat "$scratch/said"
        complain "$*: exit status $result; wanted $status and \`$text\`"
    fi
}
mkdir "$scratch/empty"
refused 1 "neither MNIST, nor CIFAR-10, nor CIFAR-100: give a folder with their files" "$scratch/empty" plain
refused 2 "unknown network plane: choose of plain, bare" "$scratch/cifar10" plane
head -c 5000 "$scratch/cifar10/test_batch.bin" >"$scratch/short"
mv "$scratch/short" "$scratch/cifar10/test_batch.bin"
refused 1 "test_batch.bin: not records of 3073 bytes" "$scratch/cifar10" plain
[ "$failed" = 0 ]
