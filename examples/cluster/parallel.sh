#!/bin/sh
# A sweep by GNU parallel, on this machine or over ssh:   sh parallel.sh PARTS FILE DIR [OPTION...]
# OPTIONs are those of `bouton sweep`, such as --seeds 1..30. For other machines, set HOSTS to a list of them, for example
# HOSTS=a,b,c; all must see this folder, FILE and DIR under the same names, and have bouton on their PATH.
# A part that fails is started once more, and goes on where it stopped; so does this whole script.
set -eu
if [ $# -lt 3 ]; then
    sed -n '2,5s/^# //p' "$0" >&2
    exit 2
fi
parts=$1 file=$2 dir=$3
shift 3
bouton=${BOUTON:-bouton}
seq "$parts" | parallel -q ${HOSTS:+--sshlogin "$HOSTS" --workdir "$PWD"} --jobs "${JOBS:-1}" --retries 2 --line-buffer --tag \
    "$bouton" sweep "$file" "$@" -o "$dir" --shard "{}/$parts"
"$bouton" sweep --collect "$dir"
