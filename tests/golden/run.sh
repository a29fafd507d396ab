#!/bin/sh
# Compares every case with its stored transcript: run.sh BOUTON [good|bad|CASE...]
# Prints the differences; promote.sh stores the present output. `bad` also checks that there is a wrong program for every
# diagnostic, that each one lies in its diagnostic's folder, and that options.lines has every option of every verb.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
if [ $# -lt 1 ] || [ ! -x "$1" ]; then
    echo "usage: $0 BOUTON [good|bad|CASE...], BOUTON being the built program" >&2
    exit 2
fi
bouton=$1
shift
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
every=
case ${1:-} in
"" | good | bad) every=${1:-all}; set -- $(cd "$here" && sh ./cases.sh "$every") ;;
esac
# A run with few random networks, as under sanitizers, takes every fourth of the good cases.
if [ "$every" = good ] && [ "${BOUTON_TEST_FEWER:-1}" -ge 6 ]; then
    # shellcheck disable=SC2046
    set -- $(echo "$@" | tr ' ' '\n' | awk 'NR % 4 == 1')
fi
failed=0
complain() { echo "$*"; failed=$((failed + 1)); }
sh "$here/cases.sh" misplaced || failed=$((failed + 1))

bad=
for case in "$@"; do
    case $case in bad/*) bad="$bad $case" ;; esac
done
# shellcheck disable=SC2086
[ -z "$bad" ] || sh "$here/many.sh" "$bouton" "$scratch" $bad || complain "bad/: not every transcript could be made"
for case in "$@"; do
    wanted=$here/${case%.*}.out
    actual=$scratch/$(basename "${case%.*}").out
    case $case in bad/*) ;; *) sh "$here/case.sh" "$bouton" "$case" >"$actual" ;; esac
    if ! [ -f "$wanted" ]; then
        cat "$actual"
        complain "$case: no transcript is stored; look at its output and run promote.sh"
    elif ! diff -u "$wanted" "$actual"; then
        failed=$((failed + 1))
    fi
done

case $every in
bad | all)
    for code in $("$bouton" explain | cut -d' ' -f1); do
        [ "$code" != E0000 ] || continue # reserved for callers of bl_report; bouton does not report it
        grep -q "\[$code\]" "$here"/*/*/*.out || complain "$code: no wrong program in bad/ provokes it"
    done
    sh "$here/options.sh" "$bouton" | diff -u "$here/bad/command-line/options.lines" - ||
        complain "bad/command-line/options.lines: not the options there are; run promote.sh"
    for out in "$here"/bad/*/*.out; do
        [ -f "${out%.out}.btn" ] || [ -f "${out%.out}.lines" ] || complain "$out: of no case"
        code=$(sed -n 's/.*\[[EW]0\([0-9]\)[0-9]*\].*/\1xx/p' "$out" | head -n 1)
        case $out in
        */command-line/*) ;;
        */bad/"${code:-accepted}"/*) ;;
        *) complain "$out: belongs into bad/${code:-accepted}" ;;
        esac
    done
    ;;
esac
echo "$# transcripts, $failed differ"
[ "$failed" -eq 0 ]
