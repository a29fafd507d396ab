#!/bin/sh
# Trains a network without the nines, and lets an emulated board learn them from 200 samples.
#
#     sh examples/firmware/learn.sh [MNIST [BOARD]]
#
# MNIST is a folder with MNIST's files; without it, bouton draws digits. BOARD is an386 (Cortex-M4, the default) or another
# board of board.sh but the microbit. On an385 (Cortex-M3) and rv32imc, which have no floats, all is in whole numbers.
# Needs clang, lld, qemu-system-arm (or qemu-system-riscv32) and python3.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
mnist=${1:-}
board=${2:-an386}
[ -z "$mnist" ] || mnist=$(cd "$mnist" && pwd)
[ -n "${BOUTON:-}" ] || sh "$root/examples/build.sh"
bouton=${BOUTON:-$root/build/bouton}
out=${OUT:-$root/build/firmware/learn}
rm -rf "$out"
mkdir -p "$out"
cd "$out"
cc=${CC:-cc}
case $board in
an385 | rv32imc) numbers="whole numbers" whole="--quantize --quantize-loss 1 --data ." ;;
*) numbers=floats whole= ;;
esac

if [ -z "$mnist" ]; then
    echo "drawing digits"
    "$cc" -O2 -I"$root/runtime/include" -I"$root/include" -o drawn "$here/drawn.c" \
        "$(dirname "$bouton")/runtime/libbouton_runtime.a" -lm
    ./drawn
    mnist=$out
fi
python3 "$here/lesson.py" "$mnist" .
echo "training learn.btn without nines"
"$bouton" train "$here/learn.btn" --data . -o learner.safetensors
echo
echo "building it as C source in $numbers, whose last layer learns"
# shellcheck disable=SC2086
"$bouton" build learner.safetensors --emit=c --learn=class -o learner -v $whole

# here FOLDER: on this machine, with the files of FOLDER
"$cc" -std=c99 -O2 -ffp-contract=off -I"$here" -DMODEL_H="\"$out/learner.h\"" -DMODEL=LEARNER -DNET=learner -o learn.run \
    "$here/learn.c" "$here/desk.c" learner.c
here() { (cd "$1" && "$out/learn.run"); }

echo
echo "choosing the rate on samples that neither the network nor the exam has: the most right answers"
best=0
for rate in 0.1 0.2 0.4 0.8; do
    mkdir "rate$rate"
    ln -s ../lesson "rate$rate/lesson"
    ln -s ../choose "rate$rate/exam"
    python3 "$here/rate.py" $rate "$numbers" >"rate$rate/rate"
    here "rate$rate" >"rate$rate/said"
    sed -n "s/^after/rate $rate/p" "rate$rate/said"
    right=$(awk '/^after/ { print $4 + $8 }' "rate$rate/said")
    if [ "$right" -gt "$best" ]; then
        best=$right chosen=$rate
    fi
done

echo
echo "200 nines on the emulated board, at rate $chosen; 200 test digits before and after"
mkdir board again
cp lesson "rate$chosen/rate" board/
cp short board/exam
status=0
sh "$here/board.sh" "$board" "$here/learn.c" learner.c "$out/learner.h" "$out/board" 2>&1 || status=$?
[ $status = 0 ] || exit $status

echo
echo "what the board learned, on this machine and all test digits"
cp exam "rate$chosen/rate" again/
here again | sed -n '/^before/p' | sed 's/^before/as trained/'
cp board/state again/
here again | sed -n '/^went/p; /^before/s/^before/as learned/p'
