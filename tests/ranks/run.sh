#!/bin/sh
# Trains by ranks of Open MPI and MPICH:   run.sh BOUTON same|refused|kill [--all] [--kills N] [--seed S]
#
# same     the model's bytes for 1 to 8 ranks and 1 or 2 threads, by both MPIs, are those without ranks; --all: all of these
# refused  what can't train together: one error, and all ranks end
# kill     a rank is killed (SIGKILL) at a random moment, and another number of ranks resumes: the same bytes
# Exits with 77 where neither MPI is installed or bouton has no module for it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
if [ $# -lt 2 ] || [ ! -x "$1" ]; then
    echo "usage: $0 BOUTON same|refused|kill [--kills N] [--seed S], BOUTON being the built program" >&2
    exit 2
fi
bouton=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
part=$2
shift 2
kills=2
seed=$(date +%s)
runs="3:2"
while [ $# -ge 1 ]; do
    case $1 in
    --all) runs="1:1 2:1 3:1 4:1 8:1 1:2 2:2 3:2 4:2 8:2"; shift; continue ;;
    --kills) kills=$2 ;;
    --seed) seed=$2 ;;
    *) echo "$0: $1 is not known" >&2; exit 2 ;;
    esac
    shift 2
done
mpis=
for mpi in openmpi mpich; do
    if command -v mpirun.$mpi >/dev/null && [ -e "$(dirname "$bouton")/libbouton_$mpi.so" ]; then
        mpis="$mpis $mpi"
    fi
done
if [ -z "$mpis" ]; then
    echo "skipped: neither Open MPI nor MPICH is installed"
    exit 77
fi
# Open MPI keeps memory of modules that it unloads, which no suppression can name. Leaks of ranks are found by
# compiler/test_ranks, whose ranks are threads.
export ASAN_OPTIONS="detect_leaks=0:${ASAN_OPTIONS:-}"
suite=ranks/$part
. "$here/../begin.sh"
[ "${BOUTON_TEST_FEWER:-1}" -le 4 ] || skip "with sanitizers compiler/test_ranks tests ranks; tests/run.sh starts those of gcc"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_btl_vader_single_copy_mechanism=none
cp "$here/all.btn" .

# mpirun of one MPI: ranks MPI COUNT ARGUMENT...
ranks() {
    mpi=$1
    count=$2
    shift 2
    case $mpi in
    openmpi) mpirun.openmpi --oversubscribe --bind-to none -n "$count" "$@" ;;
    mpich) mpirun.mpich -n "$count" "$@" ;;
    esac
}

same() {
    "$bouton" train all.btn -o whole.safetensors --threads 1 >log 2>&1 || { cat log; exit 1; }
    "$bouton" train all.btn -o model.safetensors --threads 2 >/dev/null 2>&1
    cmp -s whole.safetensors model.safetensors || complain "two threads write another model than one"
    for mpi in $mpis; do
        [ "$mpi:$runs" != "mpich:3:2" ] || runs="8:1" # few of all, another by the second MPI
        for run in $runs; do
            rm -f model.safetensors
            if ! ranks "$mpi" "${run%:*}" "$bouton" train all.btn -o model.safetensors --ranks --threads "${run#*:}" \
                >log 2>&1 || ! cmp -s whole.safetensors model.safetensors; then
                complain "$mpi, ranks and threads $run: not the model of one process"
                cat log
            fi
            [ "$(grep -c '^upper *epoch' log)" = 2 ] || complain "$mpi, $run: rank 0 alone tells of two epochs"
        done
    done
    echo "the model of one process for every number of ranks and threads, by$mpis"
}

# refuse WORDS STATUS COMMAND...: fails with this status, and says the words once
refuse() {
    words=$1
    status=$2
    shift 2
    got=0
    "$@" >log 2>&1 || got=$?
    if [ "$got" != "$status" ] || [ "$(grep -c "$words" log)" != 1 ]; then
        complain "status $got, and not one message with '$words': $*"
        cat log
    fi
}

refused() {
    sed 's/synthetic digits(train 200/synthetic digits(train 204/' all.btn >other.btn
    sed 's/replicas [89] merge every . batches;//' all.btn >none.btn
    refuse "error: --ranks: bouton was not started by mpirun" 2 "$bouton" train all.btn --ranks
    refuse "error: 3 processes were started (SLURM_NTASKS)" 2 env SLURM_NTASKS=3 "$bouton" train all.btn
    for mpi in $(echo "$mpis" | cut -d" " -f2); do # the library does not matter to these
        refuse "error: phase lower has 8 replicas, but there are 10 ranks; start at most 8 ranks" 1 \
            ranks "$mpi" 10 "$bouton" train all.btn --ranks
        refuse "error: network all: no phase has replicas, so 2 ranks have nothing to share out" 1 \
            ranks "$mpi" 2 "$bouton" train none.btn --ranks
        refuse "error: rank 1 has another text" 1 \
            ranks "$mpi" 2 sh -c "file=all; [ \${OMPI_COMM_WORLD_RANK:-\$PMI_RANK} = 0 ] || file=other; exec $bouton train \$file.btn -o model.safetensors --ranks"
        refuse "error: rank 1 has another seed" 1 \
            ranks "$mpi" 2 sh -c "exec $bouton train all.btn --seed \${OMPI_COMM_WORLD_RANK:-\$PMI_RANK} --ranks"
    done
    for mpi in $mpis; do
        refuse "missing.btn: no such file" 3 \
            ranks "$mpi" 2 sh -c "file=all; [ \${OMPI_COMM_WORLD_RANK:-\$PMI_RANK} = 0 ] || file=missing; exec $bouton train \$file.btn -o model.safetensors --ranks"
    done
    refuse_without_ranks
    [ "$failed" != 0 ] || echo "refused, each with one message, by$mpis"
}

# mpirun without --ranks: every process says so.
refuse_without_ranks() {
    for mpi in $mpis; do
        got=0
        ranks "$mpi" 2 "$bouton" train all.btn -o model.safetensors >log 2>&1 || got=$?
        if [ "$got" = 0 ] || ! grep -q "error: 2 processes were started" log; then
            complain "$mpi without --ranks is not refused"
            cat log
        fi
    done
}

now() { date +%s.%N; }

# The next numbers from 0 to 1 of the seed, for one kill: the ranks, those that resume, the moment, the victim.
draw() {
    draws=$((draws + 1))
    awk -v seed="$seed" -v n="$draws" 'BEGIN { srand(seed + n); print rand(), rand(), rand(), rand() }' >draw
    read -r first second when which <draw
}

# Starts a training by so many ranks, and kills one of them at a moment that is drawn from the time such a training
# takes. Fails if no rank was left to kill.
kill_one() { # MPI COUNT
    rm -rf work
    mkdir work
    moment=$(awk -v r="$when" -v all="$(cat "time.$1")" 'BEGIN { print all * r }')
    ranks "$1" "$2" "$bouton" train all.btn -o work/model.safetensors --ranks --threads 1 --save-every 0.05 >log 2>&1 &
    job=$!
    sleep "$moment"
    one=$(pgrep -f "^$bouton train all.btn -o work/model.safetensors" | sort -n |
        awk -v r="$which" '{ all[NR] = $1 } END { print all[1 + int(NR * r)] }')
    killed=1
    { [ -n "$one" ] && kill -KILL "$one" 2>/dev/null; } || killed=0
    wait $job 2>/dev/null || true
    [ $killed = 1 ]
}

# The whole time that two ranks take, programs of MPI included; others take about as long.
take_times() {
    for mpi in $mpis; do
        begin=$(now)
        ranks "$mpi" 2 "$bouton" train all.btn -o work.safetensors --ranks --threads 1 >log 2>&1 || { cat log; exit 1; }
        echo "$begin $(now)" | awk '{ print $2 - $1 }' >"time.$mpi"
    done
}

kill_some() {
    echo "seed $seed"
    draws=0
    "$bouton" train all.btn -o whole.safetensors --threads 1 >log 2>&1 || { cat log; exit 1; }
    take_times
    done_kills=0
    while [ "$done_kills" -lt "$kills" ]; do
        for mpi in $mpis; do
            [ "$done_kills" -lt "$kills" ] || break
            draw
            [ "$draws" -le $((kills * 10)) ] || { echo "$draws trainings, of which $done_kills had a rank to kill"; exit 1; }
            count=$(awk -v r="$first" 'BEGIN { print 2 + int(3 * r) }')
            again=$(awk -v r="$second" -v n="$count" 'BEGIN { k = 1 + int(4 * r); print k == n ? 5 : k }')
            kill_one "$mpi" "$count" || continue
            done_kills=$((done_kills + 1))
            rm -f work/.bouton-*.tmp
            if ! ranks "$mpi" "$again" "$bouton" train all.btn -o work/model.safetensors --ranks --threads 1 --resume \
                >again 2>&1 || ! cmp -s whole.safetensors work/model.safetensors; then
                complain "$mpi: $count ranks, one killed after $moment s, resumed by $again: another model"
                cat log again
            fi
        done
    done
    echo "$done_kills kills in $draws trainings; every resumed one wrote the model of one process: $([ "$failed" = 0 ] && echo yes || echo no)"
}

case $part in
same) same ;;
refused) refused ;;
kill) kill_some ;;
*) echo "$0: $part is not a part" >&2; exit 2 ;;
esac
[ "$failed" = 0 ]
