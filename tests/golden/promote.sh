#!/bin/sh
# Stores the program's present output as the transcripts: promote.sh BOUTON [good|bad|CASE...]
# Without CASEs it stores all of them. Read the difference before you commit it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
if [ $# -lt 1 ] || [ ! -x "$1" ]; then
    echo "usage: $0 BOUTON [good|bad|CASE...], BOUTON being the built program" >&2
    exit 2
fi
bouton=$1
options=$here/bad/command-line/options.lines
shift
sh "$here/cases.sh" misplaced
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
case ${1:-} in
"" | good | bad)
    sh "$here/options.sh" "$bouton" >"$scratch/options.lines"
    cmp -s "$scratch/options.lines" "$options" || cp "$scratch/options.lines" "$options"
    set -- $(sh "$here/cases.sh" "${1:-all}")
    ;;
esac

bad=
for case in "$@"; do
    [ -f "$here/$case" ] || { echo "there is no case $case; a case is a file, such as good/help/help-build.cmd" >&2; exit 2; }
    case $case in bad/*) bad="$bad $case" ;; esac
done
# shellcheck disable=SC2086
[ -z "$bad" ] || sh "$here/many.sh" "$bouton" "$scratch" $bad
for case in "$@"; do
    wanted=$here/${case%.*}.out
    actual=$scratch/$(basename "${case%.*}").out
    case $case in bad/*) ;; *) sh "$here/case.sh" "$bouton" "$case" >"$actual" ;; esac
    if ! [ -f "$wanted" ] || ! cmp -s "$wanted" "$actual"; then
        cp "$actual" "$wanted"
        echo "stored ${case%.*}.out"
    fi
done
