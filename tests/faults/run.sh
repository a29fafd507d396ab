#!/bin/sh
# Makes calls of bouton fail, one in each run:   run.sh BOUTON INJECT.so [--all | --part N] [--seed S]
#
# Every command below runs once undisturbed, to list its sites. A site is a place in the program that allocates memory,
# opens, reads, writes, syncs, closes, truncates or renames a file, or starts a thread (inject.c). The command then runs
# once for each site, whose first call fails. --part N (default 40) tests every Nth site. A run must exit with a status
# of its own, and with an error message or the undisturbed result. Each file must be the old one or the complete new
# one. No temporary file and no allocated memory may be left. Last, a command runs in address spaces that are too small.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
if [ $# -lt 2 ] || [ ! -x "$1" ] || [ ! -f "$2" ]; then
    echo "usage: $0 BOUTON INJECT.so [--all | --part N] [--seed S]" >&2
    exit 2
fi
bouton=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
inject=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
shift 2
part=40
seed=$(date +%s)
while [ $# -gt 0 ]; do
    case $1 in
    --all) part=1; shift ;;
    --part) part=$2; shift 2 ;;
    --seed) seed=$2; shift 2 ;;
    *) echo "$0: $1 is not known" >&2; exit 2 ;;
    esac
done
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
cd "$scratch"
export NO_COLOR=1 LC_ALL=C PATH="$(dirname "$bouton"):$PATH" TMPDIR="$scratch"
unset BOUTON_DATA
[ "$part" = 1 ] || echo "seed $seed"

# ---- the initial folder of every run: networks, data, and old files under the names that will be written ----

mkdir start
cp "$here/levels.btn" "$here/../golden/small.btn" start
awk 'BEGIN { srand(3); for (l = 0; l < 60; l++) { for (v = 0; v < 36; v++) printf "%d,", rand() < .3 ? 0 : rand() * 256; print l % 3 } }' >start/levels.csv
cp start/levels.csv start/test.csv
(
    cd start
    bouton train small.btn --seed 9 -o old.safetensors >/dev/null 2>&1
    bouton train levels.btn >/dev/null 2>&1
    bouton draw 3 -o three.png >/dev/null
    rm -f ./*.run.json
    cp old.safetensors new.safetensors
    for name in new.run.json new.csv new.o new.txt digits; do echo old >$name; done
    echo '{"old": 1}' >new.metrics
    # a checkpoint to resume from: this training stops before its end
    bouton train small.btn --set rounds=100000 -o part.safetensors --save-every 0 >/dev/null 2>&1 &
    while [ ! -s part.checkpoint ]; do sleep 0.02; done
    kill -KILL $!
    wait $! 2>/dev/null || true
    rm -f .bouton-*.tmp
)
first="bouton train small.btn --threads 1"

# Lines of: FILES that the command writes, or -, then the command
commands() {
    cat <<END
- bouton check small.btn levels.btn
new.safetensors,new.run.json,new.metrics $first -o new.safetensors --metrics new.metrics
new.safetensors,new.run.json bouton train levels.btn --threads 1 --save-every 0.0001 -o new.safetensors
new.safetensors,new.run.json bouton train levels.btn --threads 2 -v -o new.safetensors
part.checkpoint bouton train small.btn --set rounds=100000 --threads 1 --resume -o part.safetensors --metrics nowhere/m
- bouton eval old.safetensors --threads 1
- bouton eval levels.safetensors --json
- bouton eval old.safetensors --threads 2 --quantize
- bouton predict old.safetensors three.png
- bouton predict levels.safetensors levels.csv --json
digits bouton build old.safetensors -o digits
new.o bouton build levels.safetensors --emit=obj -o new.o
new.txt bouton dump levels.btn --stage=asm -o new.txt
- bouton info levels.safetensors --plan
- bouton fmt --check levels.btn
END
}

# ---- one run ----

# run COMMAND [SITE]: runs in a copy of `start`; stores status, streams and log next to it
run() {
    rm -rf work log out err
    cp -R start work
    status=0
    (
        cd work
        ulimit -t 20
        env LD_PRELOAD="$inject" FAULTS_LOG="$scratch/log" ${2:+FAULTS_FAIL="$2"} $1
    ) >out 2>err </dev/null || status=$?
}

complain() {
    echo "$site $kind, status $status: $command: $*"
    sed 's/^/    /' err | tail -3
    failed=$((failed + 1))
}

same() { cmp -s "$1" "$2"; }

# Each file is the old one, or equal to that of the undisturbed run. Records and metrics contain times, so they only
# have to be complete.
check_files() {
    for file in $(echo "$files" | tr , ' '); do
        [ "$file" != - ] || continue
        same "work/$file" "start/$file" || same "work/$file" "whole/$file" && continue
        case $file in
        *.run.json) [ "$(tail -c 2 "work/$file")" = "}" ] && continue ;;
        *.metrics) [ "$status" != 0 ] || [ "$(tail -c 2 "work/$file")" = "}" ] && continue ;;
        esac
        lost=$((lost + 1))
        complain "$file is neither the old one nor the new one"
    done
    for file in work/.bouton-*.tmp; do
        [ ! -e "$file" ] || complain "left $file"
    done
}

check_run() {
    if [ "$status" -ge 124 ]; then
        crashes=$((crashes + 1))
        complain "no status of its own"
        return
    fi
    [ "$status" = "$usual" ] || grep -q 'error[:[]\|warning[:[]' err || complain "said nothing"
    if [ "$status" = "$usual" ] && [ "$compared" = yes ] && ! same out whole.out && ! grep -q 'error[:[]' err; then
        complain "another result, and no error"
    fi
    case $(sed -n 's/^leaks //p' log) in
    0) ;;
    *) complain "memory was not given back: $(sed -n 's/^leaks //p' log) blocks"; leaks=$((leaks + 1)) ;;
    esac
    check_files
}

sites=0
calls=0
failed=0
crashes=0
lost=0
leaks=0
commands >list
while read -r files command; do
    case $command in *train* | *eval* | *build*) compared=no ;; *) compared=yes ;; esac
    run "$command"
    usual=$status
    cp out whole.out
    rm -rf whole
    mv work whole
    sed -n 's/^site //p' log | sort >"sites.$$"
    here_sites=$(wc -l <"sites.$$")
    sites=$((sites + here_sites))
    awk -v part="$part" -v seed="$seed" 'BEGIN { srand(seed); from = int(rand() * part) } NR % part == from % part' "sites.$$" >chosen
    while read -r site kind <&4; do
        run "$command" "$site"
        if grep -q '^failed' log; then
            calls=$((calls + 1))
            check_run
        fi
    done 4<chosen
done <list
# Address spaces so small that LLVM runs out of memory too. In the smallest ones the loader cannot start (127).
rooms=0
command="bouton train levels.btn"
site="address space"
for kilobytes in $(seq 250000 5000 300000); do
    kind="of $kilobytes kB"
    rm -rf work err
    cp -R start work
    status=0
    (
        cd work
        ulimit -t 20
        ulimit -v "$kilobytes"
        exec bouton train levels.btn
    ) >out 2>err </dev/null || status=$?
    case $status in
    127) continue ;;
    0) ;;
    *) grep -q 'error[:[]' err || complain "said nothing" ;;
    esac
    [ "$status" -lt 124 ] || { crashes=$((crashes + 1)); complain "no status of its own"; }
    rooms=$((rooms + 1))
done
# OpenBLAS waits for ever if it is loaded with so little memory, so only a training with whitening may load it.
kind=loaded
if ldd "$bouton" | grep -i 'lapack\|blas' >err; then
    complain "needs a library that only whitening should load"
fi
for command in "bouton --version" "bouton check levels.btn"; do
    for kilobytes in 300000 350000 400000 450000; do
        kind="of $kilobytes kB"
        status=0
        (
            cd start
            ulimit -t 20
            ulimit -v "$kilobytes"
            exec $command
        ) >out 2>err </dev/null || status=$?
        [ "$status" = 0 ] || complain "did not end with its answer"
        rooms=$((rooms + 1))
    done
done
echo "$sites sites, $calls made to fail; $crashes crashes, $lost lost files, $leaks leaks, $failed complaints; $rooms small rooms"
[ "$failed" = 0 ] && [ "$calls" -gt 0 ]
