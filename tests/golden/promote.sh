#!/bin/sh
# Stores what the program says now as the transcript: promote.sh BOUTON [CASE...]
# Without cases, all of them. Read the difference before it is committed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
if [ $# -lt 1 ] || [ ! -x "$1" ]; then
    echo "usage: $0 BOUTON [CASE...], BOUTON being the built program" >&2
    exit 2
fi
bouton=$1
shift
[ $# -gt 0 ] || set -- $(cd "$here" && ls ./*.cmd check/*.btn 2>/dev/null | sed 's|^\./||')

for case in "$@"; do
    wanted=$here/${case%.*}.out
    sh "$here/case.sh" "$bouton" "$case" >"$wanted.tmp"
    if [ -f "$wanted" ] && cmp -s "$wanted" "$wanted.tmp"; then
        rm "$wanted.tmp"
    else
        mv "$wanted.tmp" "$wanted"
        echo "stored ${case%.*}.out"
    fi
done
