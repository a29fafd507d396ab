#!/bin/sh
# Compiles what `bouton build --emit=c` writes:   source.sh BOUTON SOURCES NAME
#
#     NAME    forms    every compiler that is here accepts it with all warnings, as C99 and as C++, for this machine and for
#                      small ones; it needs no function of a library; hostile names; what is refused; the same bytes twice
#             kits     the folders for Arduino, PlatformIO, Zephyr and ESP-IDF, compiled for small machines over stubs of the
#                      frameworks
#             agree    networks of padding, several sources, shares of the sum, formulas and depression answer random
#                      pictures as programs do, in floats
#             avr      avr-gcc's code answers random pictures as this machine's does, on an emulated ATmega2560
#             learn    networks that learn on the device, in floats and in whole numbers, by every compiler that is here; the
#                      same steps by each
#             mnist    on all 10,000 test pictures ($BOUTON_MNIST) it answers as programs do, in floats and in 8 bits
#
# If a tool or data are missing, prints a line that begins with SKIP and exits with 77.
set -eu
if [ $# -ne 3 ] || [ ! -x "$1" ]; then
    echo "usage: $0 BOUTON SOURCES NAME" >&2
    exit 2
fi
bouton=$1
sources=$(cd "$2" && pwd)
here=$sources/tests/build
name=$3
suite=build/source/$name
. "$sources/tests/begin.sh"

missing=
models="net.floats net.whole net.four net.fast net.fastwhole"
warnings="-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes -Werror"

# alone OBJECT: it needs nothing of a library
alone() {
    nm -u "$1" >undefined
    [ ! -s undefined ] || { cat undefined; echo "$1: undefined symbols"; exit 1; }
}

# as_c COMPILER OPTION...: the source in turn of each network
as_c() {
    say "$*"
    has "$1" || { missing="$missing $1"; return 0; }
    for model in $models; do
        "$@" $warnings -c "$model.c" -o "$model.o"
    done
}

# freestanding COMPILER OPTION...: the same, and the objects need nothing
freestanding() {
    as_c "$@"
    for model in $models; do
        [ ! -f "$model.o" ] || alone "$model.o"
        rm -f "$model.o"
    done
}

# Whether a compiler can compile for a machine whose libraries may be missing.
can() {
    echo 'int x;' >can.c
    has "$1" && "$@" -c can.c -o can.o 2>/dev/null
}

forms() {
    cp "$here/source.btn" .
    "$bouton" train source.btn -o source.safetensors >train.log 2>&1 || { cat train.log; exit 1; }
    "$bouton" build source.safetensors --emit=c -o net.floats >/dev/null
    "$bouton" build source.safetensors --emit=c -o net.whole --quantize --quantize-loss 100 >/dev/null
    "$bouton" build source.safetensors --emit=c -o net.four --quantize --bits 4 --quantize-loss 100 >/dev/null
    sed 's/ stride 2//; s/dense(20)/dense(6)/; s/^network int/network fast/' source.btn >fast.btn # a field by rows of places
    "$bouton" train fast.btn -o fast.safetensors >train.log 2>&1 || { cat train.log; exit 1; }
    "$bouton" build fast.safetensors --emit=c -o net.fast --optimise=speed >/dev/null
    "$bouton" build fast.safetensors --emit=c -o net.fastwhole --optimise=speed --quantize --quantize-loss 100 >/dev/null
    grep -q convolve_rows_pooled net.fast.c && grep -q convolve_rows_pooled net.fastwhole.c
    for options in "gcc -O1" "gcc -O2" "gcc -O3" "clang -O1" "clang -O3" "clang -Os"; do
        freestanding $options -std=c99 -ffreestanding
    done
    ! can gcc -m32 || as_c gcc -m32 -fno-pic -std=c99 -O2 -ffreestanding
    ! can clang -m32 || as_c clang -m32 -fno-pic -std=c99 -O2 -ffreestanding
    as_c avr-gcc -mmcu=atmega2560 -std=gnu99 -Os -ffreestanding
    as_c arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -std=c99 -Os -ffreestanding
    for model in net.whole net.four net.fastwhole; do
        [ ! -f $model.o ] || ! has arm-none-eabi-nm || alone $model.o
    done
    as_c arm-none-eabi-gcc -mcpu=cortex-m0 -mthumb -std=c99 -Os -ffreestanding
    for cxx in g++ clang++; do
        say "$cxx"
        has "$cxx" || { missing="$missing $cxx"; continue; }
        for model in $models; do
            "$cxx" -xc++ -Wall -Wextra -Wconversion -Werror -c "$model.c" -o "$model.o"
        done
    done
    say "no floating point in whole numbers"
    if grep -nw 'float\|double' net.whole.[ch] net.four.[ch] net.fastwhole.[ch]; then exit 1; fi
    say "no other header"
    [ "$(grep -h '#include' net.*.h | sort -u | tr '\n' ' ')" = '#include <stddef.h> #include <stdint.h> ' ]
    [ "$(grep -c '#include' net.floats.c)" = 1 ]
    say "names of classes are strings"
    printf '%s\n' '#include "net.whole.h"' '#include <stdio.h>' 'int main(void)' '{' \
        'static const char *const names[] = INT_CLASSES;' \
        'for (unsigned k = 0; k < INT_LABELS; k++) puts(names[k]);' \
        'return sizeof(int_scratch) == INT_SCRATCH ? 0 : 1;' '}' >names.c
    "${CC:-cc}" -std=c99 -Wall -Wextra -Werror names.c -o names.run
    ./names.run >got
    printf '%s\n' 'zero' '*/ #error one' '/* two' '"three"' 'four\' '??/' 'Sechs ß' '%s%n' "eight'" '${nine}' | cmp - got
    say "the same bytes twice, with and without .c in the name"
    "$bouton" build source.safetensors --emit=c -o again.c --quantize --quantize-loss 100 >/dev/null
    sed 's/again\.h/net.whole.h/' again.c | cmp - net.whole.c
    cmp again.h net.whole.h
    [ -z "$missing" ] || echo "SKIP  build/source/$name, in part: missing$missing"
}

# learned MODEL COMPILER OPTION...: the state after some steps, as bytes
learned() {
    model=$1
    shift
    "$@" -I. -std=c99 -ffp-contract=off -DNET=int -DHEADER="\"$model.h\"" -o steps.run "$here/learn.c" "$model.c"
    ./steps.run
}

learn() {
    set --
    models="net.floats net.whole net.four net.several"
    # a leak and a valve; in floats thresholds that learn, too
    for numbers in floats whole four; do
        [ $numbers != floats ] || thetas="neuron alpha 0.05 learned xi 0.01;"
        sed "s/define  = dense(10);/define  = dense(10) { ${thetas:-} leak 0.2;  signs mixed(0.5) switching at tau 0.3; }/" \
            "$here/source.btn" >source.btn
        thetas=
        "$bouton" train source.btn -o source.safetensors >train.log 2>&1 || { cat train.log; exit 1; }
        [ $numbers = floats ] || set -- --quantize --quantize-loss 100
        [ $numbers != four ] || set -- "$@" --bits 4
        "$bouton" build source.safetensors --emit=c --learn=define -o net.$numbers "$@" >/dev/null
    done
    sed 's/dense(20) { homeostasis; }/dense(8) { neuron alpha 0.05 learned xi 0.01; }/' "$here/source.btn" >source.btn
    "$bouton" train source.btn -o source.safetensors >train.log 2>&1 || { cat train.log; exit 1; }
    "$bouton" build source.safetensors --emit=c --learn=uint8_t,define -o net.several >/dev/null
    for options in "gcc -O2" "gcc -O3" "clang -O1" "clang -O3" "clang -Os" "clang -Oz"; do
        freestanding $options -std=c99 -ffreestanding
    done
    as_c avr-gcc -mmcu=atmega2560 -std=gnu99 -Os -ffreestanding
    as_c arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -std=c99 -Os -ffreestanding
    for cxx in g++ clang++; do
        say "$cxx"
        has "$cxx" || { missing="$missing $cxx"; continue; }
        for model in $models; do
            "$cxx" -xc++ -Wall -Wextra -Wconversion -Werror -c $model.c -o $model.o
        done
    done
    for model in $models; do
        say "$model: the same state by gcc, clang and other options"
        first=
        for options in "gcc -O1" "gcc -O3" "clang -O2"; do
            has "${options%% *}" || continue
            learned $model $options >"state${first:+.again}"
            [ -z "$first" ] || cmp state state.again
            first=yes
        done
    done
    [ -z "$missing" ] || echo "SKIP  build/source/$name, in part: missing$missing"
}

# answers NETWORK HEADER OPTION...: a program that reads pictures and prints the label of each, and its levels in 255ths
answers() {
    net=$1 header=$2
    shift 2
    "$@" -I. -DNET="$net" -DHEADER="\"$header\"" -o answers.run "$here/source.c" "${header%.h}.c"
    ./answers.run <pictures
}

mnist() {
    set --
    data=${BOUTON_MNIST:-}
    [ -f "$data/t10k-images-idx3-ubyte.gz" ] || skip "\$BOUTON_MNIST names no folder with MNIST"
    gzip -dc "$data/t10k-images-idx3-ubyte.gz" | tail -c +17 >pictures
    cp "$sources"/examples/mnist/*.btn .
    sed 's/epochs 10/epochs 1/; /^expect/d' hidden200.btn >dense.btn
    sed 's/epochs 14/epochs 1/; /^expect/d; /^let least/d; s/, 32)/, 4)/; s/, 64)/, 8)/' conv.btn >small.btn
    for model in dense small; do
        "$bouton" train "$model.btn" --data "$data" -o "$model.safetensors" >/dev/null 2>&1
        for how in "" --quantize "--quantize --bits 4"; do
            say "$model $how: 10,000 pictures"
            # shellcheck disable=SC2086
            [ -z "$how" ] || set -- $how --data "$data" --quantize-loss 100
            "$bouton" build "$model.safetensors" -o "$model.exe" "$@" >/dev/null
            "./$model.exe" "$data/t10k-images-idx3-ubyte.gz" --csv | tail -n +2 | cut -d, -f2 >want
            for optimise in size speed; do
                "$bouton" build "$model.safetensors" --emit=c -o "$model" --optimise=$optimise "$@" >/dev/null
                net=$(sed -n 's/^uint32_t \(.*\)_predict_u8(.*/\1/p' "$model.h")
                compiler=gcc # each compiler takes one of the two
                [ $optimise = size ] && has clang && compiler=clang
                has "$compiler" || continue
                answers "$net" "$model.h" "$compiler" -O2 -ffp-contract=off >got
                cmp want got
            done
            set --
        done
    done
}

# random_pictures COUNT: the same ones in the files pictures and in.csv
random_pictures() {
    python3 -c 'import random, sys
random.seed(5)
with open("pictures", "wb") as bytes_, open("in.csv", "w") as lines:
    for _ in range(int(sys.argv[1])):
        picture = [random.choice([0, 0, random.randrange(256), 255]) for _ in range(784)]
        bytes_.write(bytes(picture))
        lines.write(",".join(map(str, picture)) + "\n")' "$1"
}

agree() {
    has python3 || skip "python3 is not installed"
    random_pictures 40
    for model in maps rivals; do
        cp "$sources/tests/firmware/$model.btn" .
        "$bouton" train "$model.btn" -o "$model.safetensors" >train.log 2>&1 || { cat train.log; exit 1; }
        "$bouton" predict "$model.safetensors" in.csv --csv | tail -n +2 | cut -d, -f2 >want
        [ "$(sort -u want | wc -l)" -gt 2 ]
        "$bouton" build "$model.safetensors" --emit=c -o "$model" >/dev/null
        for compiler in gcc clang; do
            has "$compiler" || continue
            for level in -O2 -Os; do
                say "$model by $compiler $level"
                answers "$model" "$model.h" "$compiler" $level >got
                cmp want got
            done
        done
    done
}

# on_avr PROGRAM COUNT: what it says to the samples in pictures, in the file got
on_avr() {
    : >got # what an emulator said before must not count
    timeout 100 qemu-system-avr -M mega2560 -bios "$1" -display none -monitor none -serial stdio <pictures >got 2>said &
    emulator=$!
    while [ "$(wc -c <got)" -lt "$2" ] && kill -0 $emulator 2>/dev/null; do
        sleep 0.1
    done
    kill $emulator 2>/dev/null || { cat said; echo "no answers"; exit 1; }
    wait $emulator || true
}

avr() {
    for tool in python3 avr-gcc qemu-system-avr; do
        has $tool || skip "$tool is not installed"
    done
    echo '#include <avr/io.h>' | avr-gcc -mmcu=atmega2560 -E - >/dev/null 2>&1 || skip "avr-libc is not installed"
    count=12
    random_pictures $count
    cp "$here/source.btn" .
    "$bouton" train source.btn -o source.safetensors >train.log 2>&1 || { cat train.log; exit 1; }
    for how in "" "--quantize --quantize-loss 100"; do
        say "$count pictures $how"
        # shellcheck disable=SC2086
        "$bouton" build source.safetensors --emit=c -o net $how >/dev/null
        answers int net.h "${CC:-cc}" -O2 -ffp-contract=off >want
        [ "$(sort -u want | wc -l)" -gt 2 ]
        avr-gcc -mmcu=atmega2560 -std=gnu99 -Os -Wall -Wextra -Werror -DNET=int -DHEADER='"net.h"' -I. -o net.elf \
            "$here/avr.c" net.c
        avr-size -A net.elf | awk '$1 == ".data" && $2 > 400 { print "tables in RAM"; exit 1 }'
        on_avr net.elf $count
        { tr 'A-J' '0-9' <got; echo; } | fold -w1 | cmp want -
    done
    say "tables beyond what __flash reaches"
    sed 's/dense(32)/dense(41)/; s/train 4_000/train 400/' "$sources/tests/firmware/digits.btn" >digits.btn
    "$bouton" train digits.btn -o digits.safetensors >/dev/null 2>&1
    "$bouton" build digits.safetensors --emit=c -o digits --quantize --quantize-loss 100 >/dev/null
    ! avr-gcc -mmcu=atmega2560 -std=gnu99 -Os -c digits.c -o digits.o 2>said
    grep -q 'error "the tables of network digits take [0-9]* bytes, and __flash reaches only 64 KiB' said
}

# stub FOLDER: what CMake knows in a framework, as far as the folders use it, around the library of FOLDER
stub() {
    mkdir -p "$1"
    cat >"$1/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.20)
project(stub C)
set(CONFIG_BOUTON_INT y)
macro(zephyr_library_named name)
  set(library \${name})
  add_library(\${name} STATIC)
endmacro()
macro(zephyr_library_sources)
  target_sources(\${library} PRIVATE \${ARGN})
endmacro()
macro(zephyr_include_directories)
  target_include_directories(\${library} PUBLIC \${ARGN})
endmacro()
function(idf_component_register)
  cmake_parse_arguments(of "" "" "SRCS;INCLUDE_DIRS" \${ARGN})
  add_library(component STATIC \${of_SRCS})
  target_include_directories(component PUBLIC \${of_INCLUDE_DIRS})
endfunction()
add_subdirectory($scratch/kit.$1 library)
END
}

kits() {
    cp "$here/source.btn" .
    "$bouton" train source.btn -o source.safetensors >train.log 2>&1 || { cat train.log; exit 1; }
    for kit in arduino platformio zephyr espidf; do
        say "$kit: no file is missing, and another build replaces them"
        for turn in 1 2; do
            "$bouton" build source.safetensors --emit=$kit -o kit.$kit --quantize --quantize-loss 100 >wrote
        done
        (cd kit.$kit && find . -type f | sort) >got
        sed -n 's|^wrote kit.[a-z]*/\([^ ]*\) .*|./\1|p' wrote | sort | cmp - got
    done
    say "arduino: every field that a library must have"
    for field in name version author maintainer sentence paragraph category architectures; do
        grep -q "^$field=." kit.arduino/library.properties
    done
    grep -q '^url=' kit.arduino/library.properties
    if has avr-gcc && has avr-g++; then
        say "arduino: library and sketch by avr-gcc"
        cat >Arduino.h <<END
#include <stddef.h>
#include <stdint.h>
struct stream {
    void begin(unsigned long);
    void setTimeout(unsigned long);
    size_t readBytes(char *, size_t);
    size_t println(unsigned long);
};
extern stream Serial;
END
        avr-gcc -mmcu=atmega2560 -std=gnu11 -Os -ffreestanding -Wall -Wextra -Werror -Ikit.arduino/src \
            -c kit.arduino/src/int.c -o int.o
        avr-g++ -mmcu=atmega2560 -std=gnu++11 -Os -ffreestanding -Wall -Wextra -Werror -Ikit.arduino/src -I. \
            -include Arduino.h -xc++ -c kit.arduino/examples/int/int.ino -o sketch.o
    else
        missing="$missing avr-gcc"
    fi
    if has arm-none-eabi-gcc && has cmake; then
        arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -std=c99 -Os -ffreestanding $warnings -c kit.platformio/src/int.c -o int.o
        for kit in zephyr espidf; do
            say "$kit: by CMake and arm-none-eabi-gcc"
            stub $kit
            cmake -S $kit -B $kit/build -DCMAKE_SYSTEM_NAME=Generic -DCMAKE_C_COMPILER=arm-none-eabi-gcc \
                -DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY "-DCMAKE_C_FLAGS=-ffreestanding -mcpu=cortex-m4" >log 2>&1 &&
                cmake --build $kit/build >>log 2>&1 || { cat log; exit 1; }
            find $kit/build -name '*.a' | grep -q .
        done
    else
        missing="$missing arm-none-eabi-gcc"
    fi
    ! has python3 || python3 -c 'import json; json.load(open("kit.platformio/library.json"))["headers"]'
    [ -z "$missing" ] || echo "SKIP  build/source/$name, in part: missing$missing"
}

case $name in
forms | kits | learn | agree | avr | mnist) $name ;;
*) echo "$0: no test $name" >&2 && exit 2 ;;
esac
