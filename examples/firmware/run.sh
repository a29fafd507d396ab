#!/bin/sh
# Trains a small network, builds it for a Cortex-M4, and labels ten digits on an emulated one.
#
#     sh examples/firmware/run.sh [MNIST [BOARD]]
#
# MNIST is a folder with MNIST's files; without it, bouton draws digits. BOARD is an386 (Cortex-M4, the default) or
# another board of board.sh. Needs clang, lld, qemu-system-arm and, without MNIST, python3.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
mnist=${1:-}
board=${2:-an386}
[ -z "$mnist" ] || mnist=$(cd "$mnist" && pwd)
[ -n "${BOUTON:-}" ] || sh "$root/examples/build.sh"
bouton=${BOUTON:-$root/build/bouton}
out=${OUT:-$root/build/firmware}
mkdir -p "$out"
cd "$out"

net=digits
[ -z "$mnist" ] || net=mnist
set --
[ -z "$mnist" ] || set -- --data "$mnist"
echo "training $net.btn"
"$bouton" train "$here/$net.btn" -o $net.safetensors "$@"
echo
echo "building it in 8 bits for $board"
"$bouton" build $net.safetensors --target="$(sh "$here/board.sh" "$board" target)" --quantize --optimise=speed -o $net -v "$@"
echo
echo "ten digits on the emulated board"
if [ -n "$mnist" ]; then
    gzip -dc "$mnist/t10k-images-idx3-ubyte.gz" | tail -c +17 | head -c 7840 >samples
    "$bouton" build $net.safetensors --quantize "$@" -o program >/dev/null
    ./program "$mnist/t10k-images-idx3-ubyte.gz" --csv | sed -n '2,11s/^[^,]*,\([0-9]*\),.*/\1/p' >expected
    echo "labels on this machine: $(paste -sd' ' expected)"
else
    for digit in 0 1 2 3 4 5 6 7 8 9; do
        "$bouton" draw $digit --seed 11 -o $digit.png >/dev/null
    done
    python3 "$here/bytes.py" 0.png 1.png 2.png 3.png 4.png 5.png 6.png 7.png 8.png 9.png >samples
    echo "drawn: 0 1 2 3 4 5 6 7 8 9"
fi
status=0
sh "$here/board.sh" "$board" "$here/main.c" lib$net.a "$out/$net.h" "$out" 2>&1 || status=$?
exit $status
