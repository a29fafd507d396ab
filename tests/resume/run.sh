#!/bin/sh
# Kills trainings at random moments and resumes them:   run.sh BOUTON [--kills N] [--seed S]
#
# Each round trains a network, kills it (SIGKILL) one to three times and resumes it with --resume, on one thread or two.
# The final model must equal that of an uninterrupted training byte for byte, and there must be as many lines of
# metrics. The moments are random over the whole run. In every second round checkpoints are frequent, and the kill waits
# from its moment on until a checkpoint is being written. Exits with 0 if every round gave the same bytes.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
if [ $# -lt 1 ] || [ ! -x "$1" ]; then
    echo "usage: $0 BOUTON [--kills N] [--seed S], BOUTON being the built program" >&2
    exit 2
fi
bouton=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
shift
kills=200
seed=$(date +%s)
while [ $# -ge 2 ]; do
    case $1 in
    --kills) kills=$2 ;;
    --seed) seed=$2 ;;
    *) echo "$0: $1 is not known" >&2; exit 2 ;;
    esac
    shift 2
done
suite=resume
. "$here/../begin.sh"
echo "seed $seed"

now() { date +%s.%N; }

# Random numbers: one line each, in [0, 1)
awk -v seed="$seed" -v n=$((kills * 20 + 100)) 'BEGIN { srand(seed); for (i = 0; i < n; i++) print rand() }' >draws
exec 3<draws
draw() { read -r drawn <&3; }

# Uninterrupted trainings, and their duration.
for file in "$here"/*.btn; do
    name=$(basename "$file" .btn)
    cp "$file" .
    begin=$(now)
    "$bouton" train "$name.btn" -o "$name.whole" --metrics "$name.lines" >/dev/null 2>&1
    echo "$begin $(now)" | awk '{ print $2 - $1 }' >"$name.seconds"
done

writing() {
    for file in work/.bouton-*.tmp; do
        [ ! -e "$file" ] || return 0
    done
    return 1
}

wait_for_write() {
    while ! writing && kill -0 $job 2>/dev/null; do :; done
}

done_kills=0
rounds=0
inside=0
failed=0
while [ "$done_kills" -lt "$kills" ]; do
    for name in dense encoded maps balance winners; do
        [ "$done_kills" -lt "$kills" ] || break
        rounds=$((rounds + 1))
        rm -rf work
        mkdir work
        every=0
        [ $((rounds % 2)) = 0 ] || every=0.001
        resume=
        draw
        left=$(awk -v r="$drawn" 'BEGIN { print 1 + int(3 * r) }')
        while :; do
            draw
            threads=$(awk -v r="$drawn" 'BEGIN { print 1 + int(2 * r) }')
            # shellcheck disable=SC2086
            "$bouton" train "$name.btn" -o work/model.safetensors --metrics work/lines --threads "$threads" \
                --save-every "$every" $resume >work/log 2>&1 &
            job=$!
            resume=--resume
            if [ "$left" -gt 0 ] && [ "$done_kills" -lt "$kills" ]; then
                left=$((left - 1))
                draw
                sleep "$(awk -v r="$drawn" -v t="$(cat "$name.seconds")" 'BEGIN { print t * r }')"
                [ "$every" = 0 ] || wait_for_write
                kill -KILL $job 2>/dev/null || true
            fi
            status=0
            wait $job 2>/dev/null || status=$?
            [ "$status" = 137 ] || break
            done_kills=$((done_kills + 1))
            ! writing || inside=$((inside + 1))
            rm -f work/.bouton-*.tmp
        done
        if [ "$status" != 0 ] || ! cmp -s "$name.whole" work/model.safetensors ||
            [ "$(wc -l <work/lines)" != "$(wc -l <"$name.lines")" ] || [ -e work/model.checkpoint ]; then
            echo "round $rounds, $name: status $status, or not what an unbroken training writes"
            cat work/log
            failed=$((failed + 1))
        fi
    done
done
echo "$done_kills kills, $inside in the middle of a write; $rounds trainings, $failed differ from an unbroken one"
[ "$failed" = 0 ]
