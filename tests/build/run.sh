#!/bin/sh
# Compares the artefacts of `bouton build` with `bouton predict`:   run.sh BOUTON SOURCES NAME
#
#     NAME    agree    programs and libraries of several networks, for every processor level that runs here
#             mnist    the same for networks trained on MNIST, all 10,000 test pictures ($BOUTON_MNIST)
#             threads  eight threads under ThreadSanitizer
#             same     two builds give the same bytes; headers compile as C and C++; version and facts of an artefact
#             refused  an artefact that cannot be built or written: one error, and no file
#             eight    int8 programs, compared with `bouton eval --quantize`
#             debug    gdb stops on the lines of the text, in code compiled in memory and in built code; names for perf
#             foreign  code for aarch64 and riscv64 under qemu, for wasm32 in Node
#             programs programs for these two under qemu, with and without libraries of that machine
#
# If a tool or data are missing, prints a line that begins with SKIP and exits with 77.
set -eu
if [ $# -ne 3 ] || [ ! -x "$1" ]; then
    echo "usage: $0 BOUTON SOURCES NAME" >&2
    exit 2
fi
bouton=$1
sources=$(cd "$2" && pwd) # of bouton
here=$sources/tests/build
name=$3
suite=build/$name
. "$sources/tests/begin.sh"

# random_lines LINES VALUES SEED: whole numbers from 0 to 255, a third of them 0 and some at the top
random_lines() {
    awk -v lines="$1" -v values="$2" -v seed="$3" 'BEGIN {
        srand(seed)
        for (l = 0; l < lines; l++)
            for (v = 0; v < values; v++) {
                r = rand()
                n = r < 0.35 ? 0 : r > 0.9 ? 255 : int(rand() * 256)
                printf "%d%s", n, v + 1 < values ? "," : "\n"
            }
    }'
}

# Data for colour.btn and levels.btn.
draw_data() {
    for class in a b c; do
        mkdir -p "pictures/$class"
        for picture in 1 2 3; do
            { echo P3; echo 8 9; echo 255; random_lines 72 3 "$picture$(printf %d "'$class")" | tr , ' '; } \
                >"pictures/$class/$picture.ppm"
        done
    done
    random_lines 40 6 1 | awk -F, '{ for (i = 1; i <= 6; i++) printf "%.3f,", $i / 255; print NR % 3 }' >levels.csv
}

# train NETWORK: from the golden transcripts or from here
train() {
    for folder in "$here" "$sources/tests/golden"; do
        [ ! -f "$folder/$1.btn" ] || cp "$folder/$1.btn" .
    done
    "$bouton" train "$1.btn" -o "$1.safetensors" >train.log 2>&1 || { cat train.log; exit 1; }
}

# inputs NETWORK: NETWORK.csv, samples without labels
inputs() {
    case $1 in
    colour) random_lines 12 216 7 ;;
    levels) random_lines 20 6 7 | awk -F, '{ for (i = 1; i <= 6; i++) printf "%.4f%s", $i / 255, i < 6 ? "," : "\n" }' ;;
    *) random_lines 25 784 7 ;;
    esac >"$1.in.csv"
}

# predicted MODEL INPUT [CPU]: label, probabilities and levels; the label is a number even where classes have names
predicted() {
    "$bouton" predict "$1.safetensors" "$2" --csv --cpu "${3:-native}" | awk -F, -v OFS=, '
        NR == 1 { for (i = 3; i <= NF; i++) if ($i ~ /^p/) { name = $i; sub(/^p_?/, "", name); number[name] = i - 3 } }
        NR > 1 { $2 = number[$2]; print }' | sed 's/^[^,]*,//'
}

# near FILE FILE TOLERANCE: labels alike, probabilities and levels within the tolerance
near() {
    paste -d, "$1" "$2" | awk -F, -v most="$3" '
        $1 != $(NF / 2 + 1) { print "line " NR ": labels " $1 " and " $(NF / 2 + 1); bad = 1 }
        { for (i = 2; i <= NF / 2; i++) { d = $i - $(NF / 2 + i); if (d > most || -d > most) { print "line " NR ": " $i " and " $(NF / 2 + i); bad = 1 } } }
        END { exit bad || NR == 0 }'
}

identifier() { # MODEL: its network's name
    "$bouton" build "$1.safetensors" --emit=header -o id.h --unfinished >/dev/null
    sed -n 's/^uint32_t \(.*\)_interface(void);$/\1/p' id.h
}

# harness MODEL OUTPUT HOW-TO-LINK...: the program of harness.c with a library built from MODEL
harness() {
    model=$1
    output=$2
    shift 2
    net=$(identifier "$model")
    upper=$(echo "$net" | tr a-z A-Z)
    stack=
    ! grep -q "_predict(" id.h || stack=-DON_STACK
    "${CC:-cc}" -std=gnu11 -O1 -Wall -Wextra -Werror $stack "-DNET=$net" "-DUPPER=$upper" "-DHEADER=\"$PWD/id.h\"" \
        -o "$output" "$here/harness.c" "$@" -lpthread
}

levels_here() { # processor levels that this machine has
    echo generic
    flags=$(sed -n 's/^flags[^:]*://p;' /proc/cpuinfo 2>/dev/null | head -1)
    for level in "x86-64-v2 sse4_2 popcnt" "x86-64-v3 avx2 fma bmi2" "x86-64-v4 avx512vl avx512bw avx512dq"; do
        set -- $level
        cpu=$1
        shift
        for flag; do
            case " $flags " in *" $flag "*) ;; *) return ;; esac
        done
        echo "$cpu"
    done
}

agree_one() { # MODEL: every artefact of it that runs here
    model=$1
    predicted "$model" "$model.in.csv" >want
    "$bouton" build "$model.safetensors" -o "$model.exe" >/dev/null
    for form in "" --csv --json; do
        "$bouton" predict "$model.safetensors" "$model.in.csv" $form >want.text
        "./$model.exe" "$model.in.csv" $form >got.text
        cmp want.text got.text
    done
    "$bouton" build "$model.safetensors" -o "$model" --emit=lib >/dev/null
    harness "$model" static.run "lib$model.a"
    ./static.run <"$model.in.csv" >got
    cmp want got
    harness "$model" shared.run -L. "-l$model" "-Wl,-rpath,$PWD"
    ./shared.run <"$model.in.csv" >got
    cmp want got
}

# reasons MODEL TOLERANCE: what each input added, by the library and by predict. Not for layers that fire binary: a neuron
# that hardly fires shares a whole activation out by a difference of drives that is all rounding. test_artefact has those.
reasons() {
    has python3 || return 0
    say "$1: the static library tells why as predict --why does"
    "$bouton" predict "$1.safetensors" "$1.in.csv" --why --json >why.json
    python3 - >want <<'EOF'
import json
for one in json.load(open("why.json"))["predictions"]:
    why = one["why"]
    assert why["label"] == one["label"]
    print(",".join("%.9g" % number for number in [why["label"], why["thresholds"]] + why["adds"]))
EOF
    ./static.run why <"$1.in.csv" >got
    near want got "$2"
}

agree() {
    draw_data
    for model in small maps winners encoded formula sparse tied colour levels large; do
        say "$model: program, static and shared library print what predict prints"
        train "$model"
        inputs "$model"
        agree_one "$model"
        case $model in
        small | sparse | large) reasons "$model" 0.00001 ;;
        formula) reasons "$model" 0.0001 ;; # a quotient of two small differences
        esac
    done
    case $(uname -m) in x86_64) ;; *) return ;; esac
    all=
    for cpu in $(levels_here); do
        say "maps, colour for $cpu"
        for model in maps colour; do
            predicted "$model" "$model.in.csv" "$cpu" >want
            "$bouton" build "$model.safetensors" -o one --emit=lib "--cpu=$cpu" >/dev/null
            harness "$model" one.run libone.a
            ./one.run <"$model.in.csv" >got
            cmp want got
        done
        all=$all,$cpu
    done
    say "several processors in one artefact: the last of $all"
    for model in small maps; do
        predicted "$model" "$model.in.csv" "$cpu" >want
        "$bouton" build "$model.safetensors" -o several --emit=lib "--cpu=${all#,}" >/dev/null
        for how in libseveral.a "-L. -lseveral -Wl,-rpath,$PWD"; do
            harness "$model" several.run $how
            ./several.run <"$model.in.csv" >got
            near want got 0.000002
        done
    done
    say "sparse: -v tells of rows left out and of connections listed one by one"
    "$bouton" build sparse.safetensors -o sparse.exe -v >said
    for told in '^layer few: .* listed one by one' '^layer some: .*; [1-9][0-9]* of 784 rows are left out' \
        '^layer edges: .* neurons never fire'; do
        grep -q "$told" said || { cat said; exit 1; }
    done
}

mnist() {
    data=${BOUTON_MNIST:-}
    [ -f "$data/t10k-images-idx3-ubyte.gz" ] || skip "\$BOUTON_MNIST names no folder with MNIST"
    cp "$sources"/examples/mnist/*.btn .
    sed 's/epochs 10/epochs 2/; /^expect/d' hidden200.btn >dense.btn
    sed 's/epochs 14/epochs 1/; /^expect/d; /^let least/d' conv.btn >small_conv.btn
    for model in dense small_conv; do
        "$bouton" train "$model.btn" --data "$data" -o "$model.safetensors" >/dev/null 2>&1
        say "$model: 10,000 pictures"
        "$bouton" build "$model.safetensors" -o "$model.exe"
        "$bouton" predict "$model.safetensors" "$data/t10k-images-idx3-ubyte.gz" --csv >want
        "./$model.exe" "$data/t10k-images-idx3-ubyte.gz" --csv >got
        cmp want got
    done
    "$bouton" build dense.safetensors -o dense.exe -v | sed -n 's/^compiled.*: \([0-9,]*\) bytes of bounds.*/\1/p' | tr -d , >bounds
    size=$(wc -c <dense.exe)
    say "dense: $size bytes, of which $(cat bounds) are bounds"
    [ "$size" -le $(($(cat bounds) + 300 * 1024)) ]
}

threads() {
    echo 'int main(void) { return 0; }' >empty.c
    "${CC:-cc}" -fsanitize=thread -o empty.run empty.c 2>/dev/null && ./empty.run 2>/dev/null ||
        skip "no ThreadSanitizer that runs here"
    for model in small maps; do
        say "$model: eight threads"
        train "$model"
        inputs "$model"
        "$bouton" build "$model.safetensors" -o "$model" --emit=lib >/dev/null
        predicted "$model" "$model.in.csv" >want
        harness "$model" threads.run -g -fsanitize=thread "lib$model.a"
        ./threads.run <"$model.in.csv" >got
        cmp want got
    done
}

constant() { # NAME: what small.h says
    sed -n "s/^#define SMALL_$1 *\"*\([^ \"]*\)\"*\$/\1/p" small.h
}

same() {
    train small
    for emit in exe lib obj header asm llvm bitcode; do
        say "$emit twice"
        for turn in first second; do
            mkdir -p $turn
            "$bouton" build small.safetensors --emit=$emit -o $turn/small >/dev/null
        done
        diff -r first second
        rm -r first second
    done
    say "the header is C and C++"
    "$bouton" build small.safetensors --emit=header -o small.h >/dev/null
    for standard in c99 c17; do
        "${CC:-cc}" -std=$standard -Wall -Wextra -Wpedantic -Wstrict-prototypes -Werror -fsyntax-only -x c small.h
    done
    if has c++; then
        c++ -std=c++11 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -x c++ small.h
    fi
    say "names of classes are strings of C and C++, whatever they hold"
    printf '%s\n' 'a "quoted" \\ name' 'trigraph ??/' '*/ int x; /*' 'gr\303\274n 1' >names.txt
    printf '%b\n' "$(cat names.txt)" >names
    awk -v OFS=, '{ gsub(/"/, "\"\""); n[NR] = "\"" $0 "\"" }
        END { for (i = 0; i < 40; i++) print i, 40 - i, n[i % NR + 1] }' names >named.csv
    echo 'network named { input vector(2); layer class = dense(4); }
        data d { csv train "named.csv"; values in columns; } schedule { phase learn { correct class; epochs 1; } }' >named.btn
    "$bouton" train named.btn >said 2>&1 || { cat said; exit 1; }
    "$bouton" build named.safetensors --emit=lib -o named >/dev/null
    cat >named.c <<'EOF'
#include <stdio.h>
#include "named.h"
static const char *const names[NAMED_LABELS] = NAMED_CLASSES;
int main(void)
{
    for (unsigned k = 0; k < NAMED_LABELS; k++)
        puts(names[k]);
    return 0;
}
EOF
    sort names >sorted
    "${CC:-cc}" -std=c99 -trigraphs -Wall -Wextra -Wpedantic -Werror -o named.run named.c
    ./named.run | cmp - sorted
    if has c++; then
        c++ -std=c++11 -Wall -Wextra -Wpedantic -Werror -o named.run -x c++ named.c
        ./named.run | cmp - sorted
    fi
    say "nothing in a library can be written to"
    "$bouton" build small.safetensors --emit=obj -o small.o >/dev/null
    if has nm && nm small.o | grep ' [bBcCdDsSgG] '; then
        exit 1
    fi
    say "pkg-config finds the library"
    if has pkg-config; then
        mkdir found "found here"
        printf '#include "net.h"\nint main(void) { return small_interface() == SMALL_INTERFACE ? 0 : 1; }\n' >use.c
        for folder in found "found here"; do # a blank in the path
            "$bouton" build small.safetensors --emit=lib -o "$folder/net" >/dev/null
            eval "set -- $(PKG_CONFIG_PATH="$PWD/$folder" pkg-config --cflags --libs net)"
            [ $# = 3 ]
            "${CC:-cc}" -o use use.c "$@"
            LD_LIBRARY_PATH="$PWD/$folder" ./use
        done
    fi
    say "artefacts carry version, interface and model"
    "$bouton" build small.safetensors --emit=lib -o small >/dev/null
    "$bouton" build small.safetensors -o small.run >/dev/null
    about="small: bouton $(constant VERSION), interface $(constant INTERFACE | tr -d u), model $(constant MODEL), for "
    ./small.run --version | grep -q "^$about"
    [ "bouton $(constant VERSION)" = "$("$bouton" --version)" ]
    cat >about.c <<'EOF'
#include <stdio.h>
#include "small.h"
int main(void) { puts(small_about()); return small_interface() == SMALL_INTERFACE ? 0 : 1; }
EOF
    "${CC:-cc}" -o about.run about.c libsmall.a -lm
    [ "$(./about.run)" = "$(./small.run --version)" ]
    model=$(constant MODEL)
    "$bouton" train small.btn --seed 2 -o other.safetensors >/dev/null 2>&1
    "$bouton" build other.safetensors --emit=header -o small.h >/dev/null
    [ "$(constant MODEL)" != "$model" ]
    say "a program of two builds says both numbers"
    cat >stub.c <<'EOF'
#include "bouton/program.h"
static uint32_t answer(const float *in, float *out, float *levels, void *scratch)
{ (void)in; (void)out; (void)levels; (void)scratch; return 0; }
static int runs_here(void) { return 1; }
const br_program bouton_program = {.interface = BR_INTERFACE_VERSION + 7, .about = "", .name = "stub", .answer = answer,
                                   .runs_here = runs_here};
EOF
    "${CC:-cc}" -I"$sources/include" -I"$sources/runtime/include" -o stub.run stub.c "$(dirname "$bouton")/libbouton_program.a" -lpng -ljpeg -lgif -lwebp -lzip -lz -lm
    if ./stub.run x 2>said; then exit 1; fi
    grep -Eq "has interface version ([0-9]+), its main function [0-9]+; build it again" said
    say "lld links where there is no compiler"
    lld=$(command -v ld.lld || command -v ld.lld-19 || true)
    if [ -n "$lld" ]; then
        mkdir only
        ln -s "$lld" only/ld.lld
        (PATH=$PWD/only "$bouton" build small.safetensors -o by-lld >/dev/null)
        inputs small
        ./by-lld small.in.csv >got
        "$bouton" predict small.safetensors small.in.csv >want
        cmp want got
    fi
}

# refuses STATUS WORDS OPTION...: `bouton build small.safetensors OPTION...` ends so, says that in one error, and leaves
# the folder `there` as it was, and nothing in $TMPDIR
# LIMIT: blocks that a file may have, as on a full disk. ThreadSanitizer keeps notes in a file and can't live with one.
refuses() {
    [ -z "${LIMIT:-}" ] || [ -z "${TSAN_OPTIONS:-}" ] || return 0
    status=0
    wanted=$1
    words=$2
    shift 2
    mkdir there temporary
    echo old >there/net
    (
        [ -z "${LIMIT:-}" ] || ulimit -f "$LIMIT"
        TMPDIR=$PWD/temporary "$bouton" build small.safetensors "$@" >printed 2>said
    ) || status=$?
    if [ $status != "$wanted" ] || [ "$(wc -l <said)" != 1 ] || ! grep -q "^error: .*$words" said || [ -s printed ] ||
        [ "$(ls -A there)$(ls -A temporary)" != net ] || [ "$(cat there/net)" != old ]; then
        echo "bouton build $*: status $status"
        cat said printed
        ls -A there temporary
        exit 1
    fi
    rm -r there temporary
}

refused() {
    train small
    "$bouton" build small.safetensors --emit=obj -o small.o >/dev/null
    kinds="exe lib obj header asm llvm bitcode"
    [ -z "${BOUTON_TEST_FEWER:-}" ] || kinds="exe lib header"
    for emit in $kinds; do
        say "$emit: unknown processor and target, no place, a device, a full disk"
        refuses 2 "did you mean 'x86-64-v4'?" --emit=$emit -o there/net --cpu=x86-64-v44
        refuses 2 "did you mean 'wasm32'?" --emit=$emit -o there/net --target=wasm3
        refuses 3 "nowhere/.*net.*: its folder can't be opened" --emit=$emit -o nowhere/net
        [ $emit = lib ] || refuses 3 "/dev/full: is not a regular file" --emit=$emit -o /dev/full
        LIMIT=1 refuses 3 "\(could not be written whole\|can't be written: File too large\)" --emit=$emit -o there/net
    done
    say "lib: a disk full while its first file is being linked"
    LIMIT=$(($(wc -c <small.o) / 512 + 4)) refuses 3 "\(could not link\|whole\)" --emit=lib -o there/net
    say "exe: for another machine, without a C compiler for it, with one that fails, and with a full disk"
    refuses 2 "no main function that reads files; use --emit=lib or --emit=obj" --target=wasm32 --emit=exe -o there/net
    mkdir failing
    printf '#!/bin/sh\necho "model.o: error: no good"; exit 1\n' >failing/some-gcc
    chmod +x failing/some-gcc
    cross() { (CROSS_COMPILE=$PWD/failing/some- && export CROSS_COMPILE && refuses "$@"); }
    cross 3 "some-gcc could not link: model.o: error: no good" --target=ppc64le -o there/net
    LIMIT=1 cross 3 "\(can't be written\|could not link\)" --target=ppc64le -o there/net
}

# compiler_for MACHINE: $compiler makes programs for it, as gcc's or as clang's, for which that machine's libc and ld do
compiler_for() {
    compiler=$1-linux-gnu-gcc
    ! has "$compiler" || return 0
    compiler=$PWD/clang-$1
    printf '#!/bin/sh\nexec clang --target=%s-linux-gnu "$@"\n' "$1" >"$compiler"
    chmod +x "$compiler"
    echo 'int main(void) { return 0; }' >empty.c
    "$compiler" -static -o empty.run empty.c 2>/dev/null
}

foreign() {
    [ "${BOUTON_TEST_FEWER:-1}" -le 4 ] || skip "foreign artefacts are the same from every build; tests/run.sh tests those of gcc"
    ran=0
    missing=
    draw_data
    for model in small maps winners colour; do
        train "$model"
        inputs "$model"
        predicted "$model" "$model.in.csv" generic >want
        for target in riscv64 aarch64 armhf ppc64le wasm32; do # objects need no tools of those machines
            "$bouton" build "$model.safetensors" --emit=obj --target=$target -o $target.o >/dev/null
            [ -s $target.o ]
        done
        machines=aarch64
        case $model in maps | winners) machines="aarch64 riscv64" ;; esac # networks with all kinds of layers will do
        for machine in $machines; do
            if ! has qemu-$machine || ! compiler_for $machine; then
                missing="$missing qemu-user or a C compiler for $machine;"
                continue
            fi
            say "$model: $machine under qemu"
            CC=$compiler harness "$model" $machine.run $machine.o -static
            qemu-$machine ./$machine.run <"$model.in.csv" >got
            near want got 0.00001
            ran=1
        done
        if has node && { has wasm-ld || has wasm-ld-19; }; then
            say "$model: wasm32 in Node"
            "$bouton" build "$model.safetensors" --emit=lib --target=wasm32 -o module >/dev/null
            net=$(identifier "$model")
            values=$(sed -n 's/^#define .*_INPUTS *\([0-9]*\)u.*/\1/p' id.h)
            labels=$(sed -n 's/^#define .*_LABELS *\([0-9]*\)u.*/\1/p' id.h)
            node "$here/answer.mjs" module.wasm "$net" "$values" "$labels" "$model.in.csv" >got
            near want got 0.000002
            ran=1
        else
            missing="$missing nodejs or lld;"
        fi
    done
    [ $ran = 1 ] || skip "missing:$missing"
    [ -z "$missing" ] || echo "SKIP  build/$name, in part:$(echo "$missing" | tr ';' '\n' | sort -u | paste -sd';')"
}

# program MACHINE QEMU...: the program for that machine answers as this machine's, and tells what it can't read
program() {
    machine=$1
    shift
    "$bouton" build small.safetensors --target="$machine" -o small.$machine >/dev/null
    "$@" ./small.$machine small.in.csv --csv | tr -d '\r' | tail -n +2 | cut -d , -f 2- >got
    near wanted got 0.00001
    "$@" ./small.$machine seven.pgm >got
    diff labelled got
}

programs() {
    missing=
    train small
    inputs small
    "$bouton" predict small.safetensors small.in.csv --csv --cpu generic | tail -n +2 | cut -d , -f 2- >wanted
    "$bouton" draw 7 --seed 11 -o seven.png >/dev/null
    { printf 'P2\n28 28\n255\n'; sed -n 1p small.in.csv | tr , ' '; } >seven.pgm
    "$bouton" predict small.safetensors seven.pgm --cpu generic >labelled
    machines="aarch64 riscv64"
    [ -z "${BOUTON_TEST_FEWER:-}" ] || machines=aarch64
    for machine in $machines; do
        if ! has qemu-$machine || ! compiler_for $machine; then
            missing="$missing qemu-user or a C compiler for $machine;"
            continue
        fi
        say "$machine: a program under qemu"
        program $machine qemu-$machine
        say "$machine: what no library is there for is refused by its name"
        gzip -c small.in.csv >small.csv.gz
        for refused in "seven.png: is a PNG picture, and this program was built without libpng" \
            "small.csv.gz: is in gzip, and this program was built without zlib; unpack it"; do
            status=0
            qemu-$machine ./small.$machine "${refused%%:*}" >got 2>said || status=$?
            [ $status = 3 ] && [ ! -s got ] && grep -q "^error: $refused" said || { cat said; exit 1; }
        done
        qemu-$machine ./small.$machine --help | grep -q '(BMP, PGM, PPM)'
    done
    if [ -z "${BOUTON_TEST_FEWER:-}" ] && has aarch64-linux-gnu-gcc && has qemu-aarch64; then
        say "aarch64: linked with a library where the compiler has one"
        mkdir libraries
        # The library is a stand-in with zlib's names, which the program gets from the compiler's folder.
        aarch64-linux-gnu-gcc -shared -fPIC "-I$sources/runtime/program/zlib" -o libraries/libz.so \
            "$sources/runtime/program/zlib/stand_in.c"
        printf '#!/bin/sh\nexec aarch64-linux-gnu-gcc "-B%s/" "$@"\n' "$PWD/libraries" >libraries/own-gcc
        chmod +x libraries/own-gcc
        (CROSS_COMPILE=$PWD/libraries/own- && export CROSS_COMPILE &&
            program aarch64 qemu-aarch64 -L /usr/aarch64-linux-gnu -E "LD_LIBRARY_PATH=$PWD/libraries")
        ! qemu-aarch64 -L /usr/aarch64-linux-gnu ./small.aarch64 --version 2>said # without the library
        grep -q 'libz' said
    fi
    [ -z "$missing" ] || skip "missing:$missing"
}

# confusion CLASSES: from lines "WANTED ANSWERED", as `eval --json` writes it
confusion() {
    awk -v classes="$1" '{ n[$1, $2]++ } END {
        for (i = 0; i < classes; i++) {
            for (j = 0; j < classes; j++) printf "%s%d", j ? ", " : (i ? ", [" : "[["), n[i, j]
            printf i + 1 < classes ? "]" : "]]\n"
        }
    }'
}

eight() {
    for file in eight:1 eight-test:2; do
        random_lines 160 42 "${file#*:}" | awk -F, '{ print $0 "," ($1 + $20 + $40) % 3 }' >"${file%:*}.csv"
    done
    train eight
    "$bouton" eval eight.safetensors --quantize --quantize-loss 100 --json >wanted.json
    sed 's/,[^,]*$//' eight-test.csv >samples.csv
    sed 's/.*,//' eight-test.csv >wanted
    for cpus in native generic generic,x86-64-v3,x86-64-v4; do
        say "in 8 bits for $cpus"
        "$bouton" build eight.safetensors -o eight.exe --quantize --quantize-loss 100 --cpu "$cpus" ||
            { [ "$cpus" != native ] && continue; }
        ./eight.exe samples.csv --csv | tail -n +2 | cut -d , -f 2 | paste -d ' ' wanted - | confusion 3 >got
        tr -d '\n' <wanted.json | grep -qF "\"confusion\": $(cat got)" || {
            cat wanted.json got
            echo "eight: built for $cpus it answers otherwise"
            exit 1
        }
    done
    ./eight.exe --version | grep -q ' in 8 bits, for '
    "$bouton" build eight.safetensors --emit=header -o eight.h --quantize --quantize-loss 100
    ! grep -q eight_trace eight.h
    for fill in 1 2; do # of memory that is not written: none of it may get into the code
        MALLOC_PERTURB_=$fill "$bouton" build eight.safetensors --emit=obj -o eight.$fill --quantize --quantize-loss 100
    done
    cmp eight.1 eight.2
}

# stops NAME COMMAND...: gdb stops in NAME, on the line of levels.btn where the layer `class` stands, and shows it
stops() {
    function=$1
    shift
    cat >commands <<END
set pagination off
set confirm off
set breakpoint pending on
set debuginfod enabled off
break levels.btn:$line
run
info symbol \$pc
info line *\$pc
info inferiors
kill
END
    timeout 60 gdb -q -nx -batch -x commands --args "$@" >got 2>&1 || true
    process=$(sed -n 's/^\* 1 *process \([0-9]*\) .*/\1/p' got)
    rm -f "/tmp/perf-$process.map"
    grep -q "^$function" got && grep -q "^Line $line of \"levels.btn\"" got && grep -q "^$line.*layer class" got || {
        cat got
        echo "gdb does not stop in $function: $*"
        exit 1
    }
}

debug() {
    draw_data
    train levels
    inputs levels
    line=$(grep -n 'layer class' levels.btn | cut -d : -f 1)
    say "functions are named in memory"
    "$bouton" bench levels.btn --repeat 3 -g >log 2>&1 &
    process=$!
    wait $process
    map=/tmp/perf-$process.map
    grep -Eq '^[0-9a-f]+ [0-9a-f]+ levels_class_forward$' "$map"
    rm -f "$map"
    "$bouton" build levels.safetensors -o levels
    has nm && nm levels >symbols && grep -q ' levels_class_forward$' symbols && grep -q ' levels_answer$' symbols
    has gdb || skip "gdb is not installed"
    # Where a process may not be traced, gdb can't start one.
    timeout 60 gdb -q -nx -batch -ex run --args true >got 2>&1
    grep -q 'exited normally' got || skip "gdb may not run programs here"
    say "gdb in a program"
    stops levels_class ./levels levels.csv
    say "gdb in code just compiled"
    stops levels_class "$bouton" predict levels.safetensors levels.csv -g
    stops levels_class "$bouton" bench levels.btn -g --repeat 3
}

case $name in
agree | mnist | threads | same | refused | eight | debug | foreign | programs) $name ;;
*) echo "$0: no test $name" >&2 && exit 2 ;;
esac
