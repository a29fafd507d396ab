#!/bin/sh
# Writes the transcripts of wrong programs and command lines: many.sh BOUTON OUT CASE...
#
# many.c describes the cases. All of them run in one copy of this folder's networks. There the files of all folders of
# bad/ lie directly in bad/, so a transcript stays the same when its case moves from one folder to another.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
bouton=$(cd "$(dirname "$1")" && pwd)
out=$(cd "$2" && pwd)
shift 2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$scratch/run/bad"
cp "$here"/*.btn "$here"/*.ppm "$scratch/run"
cp "$here"/bad/*/*.btn "$here"/bad/*/*.lines "$scratch/run/bad"
cd "$scratch/run"
for case in "$@"; do
    shift
    set -- "$@" "bad/$(basename "$case")"
done
env -u BOUTON_DATA PATH="$bouton:$PATH" NO_COLOR=1 LC_ALL=C TMPDIR="$scratch" \
    "$bouton/tests/golden_many" "$out" "$@"
rm -f "$out/.stdout" "$out/.stderr"
