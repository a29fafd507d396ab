#!/bin/sh
# Tests the page of examples/mnist/web by drawing on it in a headless Chromium:   run.sh BOUTON SOURCES
#
# Uses a dense network trained on MNIST ($BOUTON_MNIST), or else on drawn digits, and a convolutional one.
# If a tool is missing, prints a line that begins with SKIP and exits with 77.
set -eu
if [ $# -ne 2 ] || [ ! -x "$1" ]; then
    echo "usage: $0 BOUTON SOURCES" >&2
    exit 2
fi
bouton=$1
sources=$(cd "$2" && pwd)
here=$sources/tests/web
suite=web
. "$sources/tests/begin.sh"

[ "${BOUTON_TEST_FEWER:-1}" -le 4 ] || skip "the page is the same in every build; tests/run.sh tests that of gcc"
for tool in node wasm-ld chromium; do
    has $tool || skip "$tool is missing"
done

page() { # MODEL FOLDER
    BOUTON=$bouton OUT=$scratch/$2 sh "$sources/examples/mnist/web/build.sh" "$1"
}

node "$here/ink.mjs"

cp "$here/maps.btn" .
if [ -f "${BOUTON_MNIST:-}/t10k-images-idx3-ubyte.gz" ]; then
    cp "$sources/examples/mnist/mnist.btn" .
    sed 's/epochs 10/epochs 2/; /^expect/d' "$sources/examples/mnist/hidden200.btn" >dense.btn
    "$bouton" train dense.btn --data "$BOUTON_MNIST" -o dense.safetensors >/dev/null 2>&1
else
    sed '/^expect/d' "$sources/examples/digits/digits.btn" >dense.btn
    "$bouton" train dense.btn -o dense.safetensors >/dev/null 2>&1
fi
"$bouton" train maps.btn -o maps.safetensors >/dev/null 2>&1

for kind in dense maps; do
    page $kind.safetensors $kind
    timeout 120 node "$here/page.mjs" "$(command -v chromium)" "$bouton" $kind/index.html $kind.safetensors $kind
done

page maps.safetensors again # the same model gives the same bytes
cmp maps/index.html again/index.html

cat >other.btn <<'END'
network other { input image(8x9); layer class = dense(3); }
data d { csv train "other.csv"; }
schedule { phase learn { correct class; epochs 1; } }
END
awk 'BEGIN { for (n = 0; n < 6; n++) { for (i = 0; i < 72; i++) printf "%d,", (n * i) % 256; print n % 3 } }' >other.csv
"$bouton" train other.btn -o other.safetensors >/dev/null 2>&1
if page other.safetensors other 2>said; then
    echo "a network of other pictures should be refused"
    exit 1
fi
grep -q "reads 8x9x1 and has 3 labels; the page draws 28x28x1 for ten" said
[ -z "$(ls -A other 2>/dev/null)" ]
