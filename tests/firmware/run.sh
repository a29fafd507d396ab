#!/bin/sh
# Runs built firmware on emulated boards, and compares it with programs of the same models:   run.sh BOUTON NAME
#
#     NAME    agree    networks of every kind of layer, in floats, in 8 bits and with bounds of 4, on every board: labels
#                      and probabilities; instructions, the stack and guards around the scratch memory
#             mnist    300 test pictures of MNIST in 8 bits on every board ($BOUTON_MNIST); `run.sh BOUTON mnist 10000`
#                      takes all of them, on an Arm M4 alone
#             objects  nothing undefined, no doubles, no writable data; sizes are those of `size`; two builds give the same
#                      bytes; the header is C and C++; the library links without any other
#             trim     --trim: samples with light in pixels that were dark in training are answered as if these were 0
#             example  examples/firmware/run.sh: drawn digits, on an Arm M4 and an AVR
#             learn    examples/firmware/learn.sh: an Arm M3 learns the nines of MNIST ($BOUTON_MNIST) or drawn ones in whole
#                      numbers; its state is that of this machine, bit for bit. A few samples in floats, by C source and objects
#             refused  what can't be built: one error, and no file
#
# If a tool or data are missing, prints a line that begins with SKIP and exits with 77.
set -eu
if [ $# -lt 2 ] || [ ! -x "$1" ]; then
    echo "usage: $0 BOUTON NAME" >&2
    exit 2
fi
bouton=$1
name=$2
count=${3:-300}
here=$(cd "$(dirname "$0")" && pwd)
example=$(cd "$here/../../examples/firmware" && pwd) # its boards
suite=firmware/$name
. "$here/../begin.sh"
boards="microbit an385 an386 an500 an505 an547 rv32imc rv32imfc mega"
targets="thumbv6m thumbv7m thumbv7em thumbv8m.main thumbv8.1m.main riscv32imc riscv32imfc avr"

tool() { # NAME: Debian's name of an LLVM tool, with or without its version
    for found in "$1" "$1-19"; do
        ! has "$found" || { echo "$found"; return; }
    done
    return 1
}

# random_lines LINES VALUES SEED: whole numbers from 0 to 255, half of them 0
random_lines() {
    awk -v lines="$1" -v values="$2" -v seed="$3" 'BEGIN {
        srand(seed)
        for (l = 0; l < lines; l++)
            for (v = 0; v < values; v++) {
                r = rand()
                printf "%d%s", (r < 0.5 ? 0 : (r > 0.9 ? 255 : int(rand() * 256))), (v + 1 < values ? "," : "\n")
            }
    }'
}

train() { # NETWORK
    case $1 in
    few) # as much of rivals as the RAM of an AVR holds
        sed 's/conv(3x3, 6) padding same/conv(3x3, 3) padding same/
            /layer edges/,/layer best/ s/keep 3;/keep 2;/; /layer best/ s/within 2 keep [23]/within 1 keep 2/' "$here/rivals.btn" >few.btn ;;
    *) cp "$here/$1.btn" . ;;
    esac
    random_lines 60 12 3 | awk -F, '{ for (i = 1; i <= 12; i++) printf "%.2f,", $i / 7 - i; print ($1 > $2 ? 0 : ($3 > 99 ? 1 : 2)) }' \
        >readings.csv
    "$bouton" train "$1.btn" -o "$1.safetensors" >train.log 2>&1 || { cat train.log; exit 1; }
}

# samples NETWORK: in.csv, and the same as the board reads them
samples() {
    case $1 in
    series) random_lines 12 12 7 | awk -F, '{ for (i = 1; i <= 12; i++) printf "%.2f%s", $i / 7 - i, (i < 12 ? "," : "\n") }' >in.csv ;;
    *) random_lines 12 784 7 | sed 1s/255/254/ >in.csv ;;
    esac
    if [ "$1" = series ]; then
        python3 -c 'import struct, sys
for line in sys.stdin:
    sys.stdout.buffer.write(struct.pack("<12f", *map(float, line.split(","))))' <in.csv >samples
    else
        python3 -c 'import sys
for line in sys.stdin:
    sys.stdout.buffer.write(bytes(map(int, line.split(","))))' <in.csv >samples
    fi
}

# on_board BOARD MODEL OPTION...: builds, runs; prints what the board said
on_board() {
    board=$1 model=$2
    shift 2
    rm -rf board && mkdir board
    cp samples board/
    "$bouton" build "$model.safetensors" --target="$(sh "$example/board.sh" "$board" target)" -o board/net "$@" >build.log 2>&1 ||
        { cat build.log; exit 1; }
    status=0
    sh "$example/board.sh" "$board" "$here/main.c" board/libnet.a "$scratch/board/net.h" "$scratch/board" >said 2>&1 || status=$?
    [ $status != 77 ] || skip "$(cat said)"
    sed "s/^/   $board  /" said
    [ $status = 0 ] || { echo "$board: status $status"; exit 1; }
}

# near WANT LIMIT: compares labels and probabilities of board/ with the CSV of a program
near() {
    od -An -v -w1 -tu1 board/labels | tr -d ' ' >got.labels
    labels=$(sed -n 's/^#define .*_LABELS *\([0-9]*\)u.*/\1/p' board/net.h)
    od -An -v -w$((4 * labels)) -tf4 board/shares >got.shares
    paste -d, got.labels got.shares >got
    awk -F, -v limit="$2" -v labels="$labels" '
        NR == FNR { if (FNR > 1) { want[FNR - 1] = $2; for (k = 0; k < labels; k++) share[FNR - 1, k] = $(3 + k) } next }
        {
            split($2, shares, " "); lines++
            if ($1 != want[FNR]) { print "sample " FNR ": label " $1 ", not " want[FNR]; bad = 1 }
            for (k = 0; k < labels; k++) {
                d = shares[k + 1] - share[FNR, k]
                if (d > limit || d < -limit) { print "sample " FNR ": share " k " is " shares[k + 1] ", not " share[FNR, k]; bad = 1 }
            }
        }
        END { if (lines == 0 || lines != length(want)) { print lines + 0 " samples, not " length(want); bad = 1 } exit bad }' "$1" got
}

# compare MODEL floats|bits|four BOARD...: with a program of the same model
compare() {
    model=$1 form=$2
    shift 2
    quantize=
    [ "$form" = floats ] || quantize="--quantize --quantize-loss=100"
    [ "$form" != four ] || quantize="$quantize --bits=4"
    train "$model"
    samples "$model"
    # shellcheck disable=SC2086
    "$bouton" build "$model.safetensors" -o program $quantize >/dev/null
    ./program in.csv --csv >"want.$model"
    for board in "$@"; do
        [ "${BOUTON_TEST_FEWER:-1}" -le 4 ] || case $board in # what is built is the same under sanitizers
        an386 | an547 | mega) ;;
        *) continue ;;
        esac
        say "$model in $form on $board"
        # shellcheck disable=SC2086
        on_board "$board" "$model" $quantize
        near "want.$model" 0.00001
    done
}

agree() {
    has python3 || skip "python3 is not installed"
    compare digits bits $boards
    compare maps floats $boards
    compare maps bits an385 an386 an547 rv32imfc mega
    compare digits four microbit an386 mega
    compare maps four an386 an547 rv32imc mega
    compare series floats microbit an386 an547 rv32imc mega
    compare rivals bits microbit an385 an386 an547 rv32imfc
    compare few bits mega
    compare rivals floats microbit an386 an547 rv32imc
    compare few floats mega
    samples maps
    for board in an386 an547 mega; do
        say "maps for speed on $board"
        on_board $board maps --optimise=speed
        near want.maps 0.00001
    done
}

mnist() {
    [ -n "${BOUTON_MNIST:-}" ] || skip "BOUTON_MNIST is not set"
    sed 's/drawn {/drawn {\n  idx train "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz";\n  idx test "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz";/; /synthetic/d; s/epochs 3/epochs 1/; s/shift 1;//' \
        "$here/digits.btn" >digits.btn
    "$bouton" train digits.btn --data "$BOUTON_MNIST" >train.log 2>&1 || { cat train.log; exit 1; }
    "$bouton" build digits.safetensors --data "$BOUTON_MNIST" --quantize --quantize-loss=1 -o program >/dev/null
    "$bouton" build digits.safetensors --data "$BOUTON_MNIST" --quantize --quantize-loss=1 --target=thumbv7em --emit=obj \
        -o net.o -v >said
    grep 'of 784 values of the input are at their lower end in all [1-9]' said
    ./program "$BOUTON_MNIST/t10k-images-idx3-ubyte.gz" --csv | head -n $((count + 1)) >want
    zcat "$BOUTON_MNIST/t10k-images-idx3-ubyte.gz" | tail -c +17 | head -c $((784 * count)) >samples
    [ "$count" -le 1000 ] || boards=an386
    for board in $boards; do
        say "$count pictures on $board"
        on_board $board digits --data "$BOUTON_MNIST" --quantize --quantize-loss=1
        near want 0.00001
    done
}

objects() {
    llvm_nm=$(tool llvm-nm) && llvm_size=$(tool llvm-size) && llvm_objdump=$(tool llvm-objdump) || skip "llvm is not installed"
    for model in digits maps rivals; do
        train $model
        for target in $targets; do
            for form in floats bits four; do
                set --
                [ $form = floats ] || set -- --quantize --quantize-loss=100
                [ $form != four ] || set -- "$@" --bits=4
                [ $model-$form-$target != digits-floats-avr ] || continue # its constants are out of an AVR's reach
                say "$model in $form for $target"
                "$bouton" build $model.safetensors --target=$target --emit=obj -o net.o -v "$@" >said
                [ -z "$($llvm_nm -u net.o)" ] || { $llvm_nm -u net.o; exit 1; }
                ! $llvm_nm net.o | grep -E ' [bBdDC] ' || { echo "writable data"; exit 1; }
                ! $llvm_objdump -d net.o | grep -E '\.f64|fcvt\.[ds]\.[ds]|\bf[a-z]*\.d\b' || { echo "doubles"; exit 1; }
                $llvm_size net.o | awk 'NR == 2 { print $1 + $2 + $3 }' >want
                sed -n 's/.*: \([0-9,]*\) bytes of flash.*/\1/p' said | tr -d , >got
                diff want got
                awk '/^  all / { gsub(",", ""); print $2 + $3 }' said | diff want -
            done
        done
    done
    say "two builds"
    for turn in first second; do
        mkdir $turn
        "$bouton" build digits.safetensors --target=thumbv7em -o $turn/net >/dev/null
        "$bouton" build digits.safetensors --target=riscv32imc --emit=asm -o $turn/net.s >/dev/null
    done
    diff -r first second
    say "the header is C and C++"
    for standard in c99 c17; do
        "${CC:-cc}" -std=$standard -Wall -Wextra -Wpedantic -Wstrict-prototypes -Werror -fsyntax-only -x c first/net.h
    done
    ! has c++ || c++ -std=c++11 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -x c++ first/net.h
}

# refuse WORDS OPTION...: fails with these words in its one line of error, and leaves no file
refuse() {
    words=$1
    shift
    mkdir -p out
    status=0
    "$bouton" build "$@" -o out/net >said 2>&1 || status=$?
    [ $status != 0 ] && grep -q "$words" said && [ "$(grep -c '^error' said)" = 1 ] || { cat said; exit 1; }
    [ -z "$(ls out)" ] || { ls out; exit 1; }
}

# fits FLASH FORM OPTION...: this form is chosen, and fits; for the M4, or for $target
fits() {
    flash=$1 form=$2
    shift 2
    "$bouton" build digits.safetensors --target=${target:-thumbv7em} --emit=obj --budget=flash=$flash,ram=1K -o fits.o -v "$@" >said 2>&1 ||
        { cat said; exit 1; }
    grep -q "$form" said || { cat said; exit 1; }
    rm fits.o
}

# darkened: pixels 0 to 2, 9, 10, 20 and 47 of each line are 0
darkened() {
    awk -F, -v OFS=, '{ $1 = $2 = $3 = $10 = $11 = $21 = $48 = 0; print }'
}

# trimmed BOARD floats|bits|four OPTION...: the same answers as the program's on darkened samples, and true sizes
trimmed() {
    board=$1 form=$2
    shift 2
    say "$form on $board $*"
    [ "$form" = floats ] || set -- --quantize --quantize-loss=100 "$@"
    [ "$form" != four ] || set -- --bits=4 "$@"
    on_board "$board" dark "$@" --trim -v
    near "want.$form" 0.00001
    grep -q '^#define DARK_UNLIT *7u' board/net.h
    grep -q '^7 of 48 values of the input are 0 in every' build.log
    sed -n 's/^  hidden .*; \([0-9]*\) of 48 inputs are left out$/\1/p' build.log >left
    [ "$(cat left)" = 7 ] || { cat build.log; exit 1; }
    "$llvm_size" board/libnet.a | awk 'NR == 2 { print $1 + $2 + $3 }' >want
    sed -n 's/.*: \([0-9,]*\) bytes of flash.*/\1/p' build.log | tr -d , | diff - want
    sed -n 's/.*_FLASH *\([0-9]*\)u.*/\1/p' board/net.h | diff - want
}

trim() {
    has python3 || skip "python3 is not installed"
    llvm_size=$(tool llvm-size) || skip "llvm is not installed"
    random_lines 90 48 3 | darkened | awk -F, '{ print $0 "," ($4 > $6 ? 0 : ($8 > 99 ? 1 : 2)) }' >dark.csv
    train dark
    random_lines 12 48 7 | sed 1s/255/254/ >in.csv
    python3 -c 'import sys
for line in sys.stdin:
    sys.stdout.buffer.write(bytes(map(int, line.split(","))))' <in.csv >samples
    darkened <in.csv >dark.in.csv
    cmp -s in.csv dark.in.csv && exit 1
    "$bouton" build dark.safetensors -o floats >/dev/null
    "$bouton" build dark.safetensors -o bits --quantize --quantize-loss=100 >/dev/null
    "$bouton" build dark.safetensors -o four --quantize --bits=4 --quantize-loss=100 >/dev/null
    for form in floats bits four; do
        ./$form dark.in.csv --csv >want.$form
    done
    trimmed an385 floats
    trimmed an385 bits --optimise=speed
    trimmed an386 bits
    trimmed an547 floats --optimise=speed
    trimmed rv32imc bits
    trimmed an386 four
    trimmed mega bits
    "$bouton" build dark.safetensors --target=thumbv7m --emit=obj -o net.o -v >said
    grep -q '^  hidden .* in floats' said && ! grep -q 'left out' said # without --trim
}

refused() {
    train digits
    say "options"
    refuse "trim is for C source and for machines" digits.safetensors --trim
    refuse "runs no program" digits.safetensors --target=thumbv7em --emit=exe
    refuse "known are" digits.safetensors --target=z80
    refuse "did you mean 'thumbv7em'" digits.safetensors --target=thumbv7en
    refuse "its constants take [0-9]* bytes, and an AVR reads constants from the first 65536" digits.safetensors --target=avr
    refuse "is not one of target" digits.safetensors --target=thumbv7em --cpu=cortex-m99
    refuse "optimise is for C source and for machines" digits.safetensors --optimise=speed
    refuse "budget is for machines" digits.safetensors --budget=flash=1K
    for text in 64K flash=64K,flash=1K flash= rom=1K flash=9999999999999999 flash=64K,; do
        refuse "not limits of memory" digits.safetensors --target=thumbv7em --budget="$text"
    done
    say "a budget"
    refuse "the smallest form takes .* bytes of flash, .* too many; layer hidden" digits.safetensors --target=thumbv7em \
        --budget=flash=10K --quantize --quantize-loss=100
    refuse "the smallest form takes .* bytes of flash, .* too many; layer hidden" digits.safetensors --target=thumbv7em \
        --budget=flash=20K --quantize --bits=8 --quantize-loss=100
    refuse "bytes of RAM, .* too many" digits.safetensors --target=thumbv7em --budget=ram=100 --quantize --quantize-loss=100
    rm -rf out
    fits 256K "in floats, for speed"
    fits 102K "in floats, for size"
    fits 60K "in 8 bits, for speed" --quantize --quantize-loss=100
    fits 51900 "in 8 bits, for size" --quantize --quantize-loss=100
    fits 20K "in 4 bits, for speed" --quantize --quantize-loss=100
    fits 64K "in 4 bits, for speed" --quantize --bits=4 --quantize-loss=100
    target=avr # whose code reads 64 KiB of constants
    fits 256K "in 8 bits, for size" --quantize --quantize-loss=100
    target=
    say "networks"
    sed 's/image(28x28);/image(28x28) { split on off; }/' "$here/digits.btn" >digits.btn
    "$bouton" train digits.btn >/dev/null 2>&1
    refuse "an input with encodings" digits.safetensors --target=thumbv7em
    { echo 'neuron rooted(x, alpha) = clamp(sqrt(abs(x)), 0, 1);'; sed 's/dense(32)/dense(32) { fire rooted; }/' "$here/digits.btn"; } >digits.btn
    "$bouton" train digits.btn >/dev/null 2>&1
    refuse "need the function sqrtf" digits.safetensors --target=thumbv6m
    rm -rf out
    "$bouton" build digits.safetensors --target=thumbv7em --emit=header >/dev/null
}

example() {
    for needed in python3 clang ld.lld qemu-system-arm avr-gcc qemu-system-avr; do
        has $needed || skip "$needed is not installed"
    done
    for board in an386 mega; do
        say "$board"
        BOUTON=$bouton OUT=$scratch/out sh "$example/run.sh" "" $board >said 2>&1 || { cat said; exit 1; }
        grep '^sample' said
        [ "$(grep -c '^sample' said)" = 10 ]
        right=$(awk '/^sample/ && $2 + 0 == $4 + 0' said | wc -l)
        [ "$right" -ge 8 ] || { echo "$right of 10 are right"; exit 1; }
    done
}

# lesson_on BOARD DATA: `as trained` and `as learned` count the right answers to all test digits.
lesson_on() {
    BOUTON=$bouton OUT=$scratch/out sh "$example/learn.sh" "$2" "$1" >said 2>&1 || { cat said; exit 1; }
    sed -n '/^building/p; /^choosing/,$p' said
    awk '/^as trained/ { before = $9 / $11 }
        /^as learned/ { nines = $5 / $7; others = $9 / $11; lines++ }
        END { exit !(lines == 1 && nines >= 0.9 && others >= before - 0.03) }' said || { echo "too few are right"; exit 1; }
    chosen=$(sed -n 's/.*at rate \([0-9.]*\);.*/\1/p' said)
    cmp "out/board/state" "out/rate$chosen/state"
}

# state_on BOARD CODE HEADER: the state after a few samples by a file of C or a library, in out/BOARD/state
state_on() {
    mkdir -p "out/$1"
    head -c $((30 * 785)) out/lesson >"out/$1/lesson"
    head -c $((5 * 785)) out/exam >"out/$1/exam"
    rm -f "out/$1/state"
    sh "$example/board.sh" $1 "$example/learn.c" "$2" "$scratch/$3" "$scratch/out/$1" >said || { cat said; exit 1; }
    sed -n "s/^learned/$1: learned/p" said
}

# object_on BOARD OPTION...: the same by the object for the board
object_on() {
    board=$1
    shift
    "$bouton" build out/learner.safetensors --target="$(sh "$example/board.sh" $board target)" --learn=class -o out/object "$@" \
        >/dev/null 2>&1
    state_on $board out/libobject.a out/object.h
}

# state_near STATE BEFORE: its numbers are those of out/desk/state but for rounding, the first BEFORE to the bit
state_near() {
    python3 - out/desk/state "$1" "$2" <<'END'
import struct, sys
wanted, got = [open(name, "rb").read() for name in sys.argv[1:3]]
before = 4 * int(sys.argv[3])
assert len(wanted) == len(got) and wanted[:before] == got[:before]
numbers = [struct.unpack("<%df" % ((len(state) - before) // 4), state[before:]) for state in (wanted, got)]
far = [1 for a, b in zip(*numbers) if abs(a - b) > 1e-5]
assert len(far) <= 0.01 * len(numbers[0]), "%d numbers are far" % len(far)
END
}

# In floats, C source comes to the bits of this machine, and objects to the same numbers but for rounding. In 8 bits below
# the layer that learns, cores with and without floats come to the same bits.
few_samples() {
    "$bouton" build out/learner.safetensors --emit=c --learn=class -o out/floats >/dev/null
    state_on an386 out/floats.c out/floats.h
    mkdir out/desk
    cp out/an386/lesson out/an386/exam out/desk/
    "${CC:-cc}" -std=c99 -O2 -ffp-contract=off -I"$example" -DMODEL_H="\"$scratch/out/floats.h\"" -DMODEL=LEARNER -DNET=learner \
        -o out/desk/run "$example/learn.c" "$example/desk.c" out/floats.c
    (cd out/desk && ./run) >/dev/null
    cmp out/desk/state out/an386/state
    for board in an386 rv32imfc microbit; do
        object_on $board
        state_near out/$board/state 3
    done
    for board in an386 microbit; do
        object_on $board --quantize --quantize-loss=100 --data out
    done
    cmp out/an386/state out/microbit/state
}

# Two layers that learn, at the rates of the training: objects come to the numbers of C source on this machine.
several_layers() {
    cat >several.btn <<'END'
network several {
  input image(28x28);
  layer thin   = pool(max) 4x4;
  layer hidden = dense(20) { leak 0.2; }
  layer class  = dense(10) { signs mixed(0.5) switching at tau 0.3; }
}
data drawn { synthetic digits(train 2_000, test 200); hold out 10% of train as validation; }
schedule { phase learn { correct hidden, class; eta 0.1 on hidden, 0.2 on class; epochs 2; } }
END
    "$bouton" train several.btn -o several.safetensors >train.log 2>&1 || { cat train.log; exit 1; }
    "$bouton" build several.safetensors --emit=c --learn=hidden,class -o out/floats >/dev/null
    "${CC:-cc}" -std=c99 -O2 -ffp-contract=off -I"$example" -DMODEL_H="\"$scratch/out/floats.h\"" -DMODEL=SEVERAL \
        -DNET=several -o out/desk/run "$example/learn.c" "$example/desk.c" out/floats.c
    rm -f out/desk/rate out/desk/state
    (cd out/desk && ./run) >/dev/null
    for board in an386 rv32imfc microbit mega; do
        "$bouton" build several.safetensors --target="$(sh "$example/board.sh" $board target)" --learn=hidden,class \
            -o out/object >/dev/null
        state_on $board out/libobject.a out/object.h
        state_near out/$board/state 4
    done
    tail -c +17 out/desk/state | head -c 3920 >moved # the bounds of the first of them
    echo "int main(void) { static several_state s; several_state_begin(&s);
        return !fwrite(s.hidden_bounds, 3920, 1, stdout); }" >begin.c
    "${CC:-cc}" -std=c99 -include stdio.h -include out/floats.h -o begin begin.c out/floats.c
    ./begin >began
    ! cmp -s began moved
}

learn() {
    for needed in python3 clang ld.lld qemu-system-arm qemu-system-riscv32 avr-gcc qemu-system-avr; do
        has $needed || skip "$needed is not installed"
    done
    lesson_on an385 "${BOUTON_MNIST:-}" # in whole numbers
    few_samples
    several_layers
}

case $name in
agree | mnist | objects | trim | example | learn | refused) $name ;;
*) echo "$0: no test $name" >&2 && exit 2 ;;
esac
