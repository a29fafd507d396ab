#!/bin/sh
# Compares every case with its stored transcript: run.sh BOUTON [CASE...]
# Shows what differs; promote.sh stores what the program says now.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
if [ $# -lt 1 ] || [ ! -x "$1" ]; then
    echo "usage: $0 BOUTON [CASE...], BOUTON being the built program" >&2
    exit 2
fi
bouton=$1
shift
actual=$(mktemp)
trap 'rm -f "$actual"' EXIT
trap 'exit 1' HUP INT TERM
[ $# -gt 0 ] || set -- $(cd "$here" && ls ./*.cmd check/*.btn 2>/dev/null | sed 's|^\./||')

failed=0
for case in "$@"; do
    wanted=$here/${case%.*}.out
    sh "$here/case.sh" "$bouton" "$case" >"$actual"
    if ! [ -f "$wanted" ]; then
        echo "$case: no transcript is stored; look at its output and run promote.sh"
        cat "$actual"
    elif diff -u "$wanted" "$actual"; then
        continue
    fi
    failed=$((failed + 1))
done
echo "$# transcripts, $failed differ"
[ "$failed" -eq 0 ]
