#!/bin/sh
# Trains a small network, builds it for a Cortex-M4, and labels ten samples on an emulated one.
#
#     sh examples/firmware/run.sh [DATA [BOARD [NETWORK [OPTION...]]]]
#
# DATA is a folder with MNIST's files; without it, bouton draws digits. BOARD is an386 (Cortex-M4, the default) or
# another board of board.sh. NETWORK is mnist (the default), mnist99, pruned, or cifar, whose DATA is a folder with CIFAR-10's.
# OPTIONs are more options of `bouton build`, such as --bits=4. Needs clang, lld, qemu-system-arm and, unless the data
# are MNIST, python3; for the board mega avr-gcc, qemu-system-avr and python3.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
data=${1:-}
board=${2:-an386}
net=${3:-}
[ $# -lt 3 ] && shift $# || shift 3
[ -z "$data" ] || data=$(cd "$data" && pwd)
[ -n "${BOUTON:-}" ] || sh "$root/examples/build.sh"
bouton=${BOUTON:-$root/build/bouton}
out=${OUT:-$root/build/firmware}
mkdir -p "$out"
cd "$out"

[ -n "$net" ] || net=${data:+mnist}
net=${net:-digits}
trained=$net.safetensors
echo "training $net.btn"
"$bouton" train "$here/$net.btn" -o "$trained" ${data:+--data "$data"}
echo
echo "building it in 8 bits for $board"
set -- --quantize ${data:+--data "$data"} "$@"
target=$(sh "$here/board.sh" "$board" target)
for=speed
[ "$target" != avr ] || for=size # its code reads at most 64 KiB of constants
"$bouton" build "$trained" --target="$target" --optimise=$for -o "$net" -v "$@"
echo
echo "ten samples on the emulated board"
case $net in
digits)
    for digit in 0 1 2 3 4 5 6 7 8 9; do
        "$bouton" draw $digit --seed 11 -o $digit.png >/dev/null
    done
    python3 "$here/bytes.py" 0.png 1.png 2.png 3.png 4.png 5.png 6.png 7.png 8.png 9.png >samples
    echo "drawn: 0 1 2 3 4 5 6 7 8 9"
    ;;
*)
    if [ "$net" = cifar ]; then
        gzip -dc "$data/test_batch.bin.gz" | head -c 30730 | python3 "$here/bytes.py" --cifar10 >samples
        bytes=3072 kind=P6 size=32
    else
        gzip -dc "$data/t10k-images-idx3-ubyte.gz" | tail -c +17 | head -c 7840 >samples
        bytes=784 kind=P5 size=28
    fi
    set -- "$@" --emit=exe
    "$bouton" build "$trained" "$@" -o program >/dev/null
    for at in 0 1 2 3 4 5 6 7 8 9; do
        printf '%s\n%s %s\n255\n' $kind $size $size >$at.pnm
        tail -c +$((at * bytes + 1)) samples | head -c $bytes >>$at.pnm
    done
    ./program [0-9].pnm --csv | sed -n '2,$s/^[^,]*,\([^,]*\),.*/\1/p' >expected
    echo "labels on this machine: $(paste -sd' ' expected)"
    ;;
esac
status=0
sh "$here/board.sh" "$board" "$here/main.c" "lib$net.a" "$out/$net.h" "$out" 2>&1 || status=$?
exit $status
