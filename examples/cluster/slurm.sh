#!/bin/sh
#SBATCH --job-name=sweep
#SBATCH --array=1-8
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=4
#SBATCH --mem=8G
#SBATCH --time=04:00:00
#SBATCH --output=sweep-%A_%a.log
#SBATCH --signal=B:TERM@120
#SBATCH --requeue
# A sweep as an array of Slurm:
#
#     export FILE=$PWD/digits.btn DIR=$PWD/runs OPTIONS='--seeds 1..30 --set width=50,100,200'
#     array=$(sbatch --parsable --export=ALL slurm.sh)
#     sbatch --dependency=afterok:$array --wrap "bouton sweep --collect $DIR"
#
# Every task trains one part, as many runs at a time as it has processors. Two minutes before its time is over, Slurm
# sends SIGTERM: the runs write their checkpoints, and the task goes to the end of the queue, where it goes on.
set -eu
: "${FILE:?set it to the network text}" "${DIR:?set it to a folder that all nodes see}"
part=$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT
# shellcheck disable=SC2086
"${BOUTON:-bouton}" sweep "$FILE" ${OPTIONS:-} -o "$DIR" --shard "$part" --jobs "${SLURM_CPUS_PER_TASK:-1}" &
sweep=$!
trap 'kill -TERM $sweep' TERM
status=0
wait $sweep || status=$?
if [ "$status" -gt 128 ] && kill -0 $sweep 2>/dev/null; then # the signal ended the wait, not the sweep
    status=0
    wait $sweep || status=$?
fi
if [ "$status" = 143 ] && [ -n "${SLURM_JOB_ID:-}" ]; then
    scontrol requeue "$SLURM_JOB_ID"
fi
exit "$status"
