#!/bin/sh
# Sweeps by several processes:   run.sh BOUTON SOURCES parts|files|cluster [--seed S]
#
#     parts     12 runs in four processes give the table of one process, byte for byte, also when each of the four is
#               killed once (SIGKILL) and started again; and every model is that of `bouton train`
#     files     the same models where data come from a file, and rows differ in what is held out
#     cluster   the jobs of examples/cluster: GNU parallel is run if it is installed, Slurm's with variables as Slurm sets
#               them, and Kubernetes' command with the variables of a pod
set -eu
if [ $# -lt 3 ] || [ ! -x "$1" ]; then
    sed -n '2p' "$0" >&2
    exit 2
fi
bouton=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
sources=$(cd "$2" && pwd)
part=$3
seed=$(date +%s)
[ "${4:-}" != --seed ] || seed=$5
suite=sweep/$part
. "$sources/tests/begin.sh"
cp "$sources"/tests/sweep/*.btn .
whole() { "$@" >whole.txt 2>log || { cat log; exit 1; }; }

# Every model of a folder is the one that `bouton train` learns with the settings and the seed of its result.
check_models() { # FOLDER FILE
    for run in "$1"/*/; do
        settings=$(sed -n '/"settings"/,/}/s/^ *"\([a-z]*\)": "\(.*\)",*$/--set \1=\2/p' "$run/result.json")
        of=$(sed -n 's/.*"seed": "\([0-9]*\)".*/\1/p' "$run/result.json")
        # shellcheck disable=SC2086
        "$bouton" train "$2" $settings --seed "$of" --force -o alone.safetensors >/dev/null 2>&1
        cmp -s alone.safetensors "$run/model.safetensors" || complain "$run: not the model of train $settings --seed $of"
    done
}

case $part in
parts)
    echo "seed $seed"
    awk -v seed="$seed" 'BEGIN { srand(seed); for (i = 0; i < 4; i++) printf "%.3f\n", 0.05 + 0.8 * rand() }' >moments
    grid="tiny.btn --seeds 1..3 --set width=5,10 --set rate=0.1,0.3"
    # shellcheck disable=SC2086
    sweep() { "$bouton" sweep $grid "$@"; }
    whole sweep -o whole
    for i in 1 2 3 4; do
        sweep -o parts --jobs 1 --shard $i/4 2>/dev/null &
    done
    wait
    "$bouton" sweep --collect parts >parts.txt
    cmp whole.txt parts.txt || complain "four processes: another table"
    i=0
    while read -r moment; do
        i=$((i + 1))
        # not the function: the shell that runs it would be killed in the place of bouton
        # shellcheck disable=SC2086
        "$bouton" sweep $grid -o killed --jobs 1 --save-every 0.001 --shard $i/4 2>/dev/null &
        job=$!
        sleep "$moment"
        kill -9 $job 2>/dev/null || :
        wait $job 2>/dev/null || :
        sweep -o killed --jobs 1 --shard $i/4 2>/dev/null
    done <moments
    "$bouton" sweep --collect killed >killed.txt
    cmp whole.txt killed.txt || complain "four processes, each killed once: another table"
    for run in whole/*/; do
        for folder in parts killed; do
            cmp -s "$run/model.safetensors" "$folder/$(basename "$run")/model.safetensors" ||
                complain "$folder/$(basename "$run"): another model"
        done
    done
    check_models whole tiny.btn
    [ "$(ls -d whole/*/ | wc -l)" = 12 ] || complain "there are not 12 runs"
    ;;
files)
    awk 'BEGIN { srand(3); for (i = 0; i < 120; i++) { k = i % 2
        printf "%.3f,%.3f,%.3f,%.3f,%d\n", k + rand(), 100 * rand(), 5 * k - rand(), rand(), k } }' >table.csv
    "$bouton" sweep files.btn --seeds 1..2 --set margin=10%,20% --set width=3,6 -o runs >/dev/null 2>&1 ||
        complain "the sweep failed"
    check_models runs files.btn
    ;;
cluster)
    jobs=$sources/examples/cluster
    export BOUTON="$bouton"
    whole "$bouton" sweep tiny.btn --seeds 1..3 --set width=5,10 -o whole
    if command -v parallel >/dev/null; then
        sh "$jobs/parallel.sh" 3 tiny.btn gnu --seeds 1..3 --set width=5,10 --jobs 1 >gnu.txt 2>/dev/null
        cmp whole.txt gnu.txt || complain "parallel.sh: another table"
    else
        echo "skipped: GNU parallel is not installed (Debian: parallel)"
    fi
    bash -n "$jobs/slurm.sh" || complain "slurm.sh: a mistake in the script"
    for i in 1 2; do
        env -u SLURM_JOB_ID FILE=tiny.btn DIR=slurm OPTIONS='--seeds 1..3 --set width=5,10' SLURM_ARRAY_TASK_ID=$i \
            SLURM_ARRAY_TASK_COUNT=2 SLURM_CPUS_PER_TASK=1 sh "$jobs/slurm.sh" 2>/dev/null ||
            complain "slurm.sh: task $i failed"
    done
    "$bouton" sweep --collect slurm | cmp whole.txt - || complain "slurm.sh: another table"
    parts=$(sed -n '/name: PARTS/{n;s/.*"\([0-9]*\)".*/\1/p;}' "$jobs/kubernetes.yaml")
    [ "$parts" = "$(sed -n 's/^ *completions: \([0-9]*\).*/\1/p' "$jobs/kubernetes.yaml")" ] ||
        complain "kubernetes.yaml: PARTS is not the number of completions"
    grep -q 'completionMode: Indexed' "$jobs/kubernetes.yaml" || complain "kubernetes.yaml: the job is not indexed"
    command=$(sed -n 's/^ *- exec //p' "$jobs/kubernetes.yaml")
    mkdir bin
    printf '#!/bin/sh\necho "$@"\n' >bin/bouton
    chmod +x bin/bouton
    said=$(PATH="$PWD/bin:$PATH" JOB_COMPLETION_INDEX=$((parts - 1)) PARTS=$parts sh -c "$command")
    case $said in
    *"--shard $parts/$parts "*) ;;
    *) complain "kubernetes.yaml: the last pod runs 'bouton $said'" ;;
    esac
    ;;
*) echo "$0: $part is not known" >&2; exit 2 ;;
esac
[ "$failed" -eq 0 ]
