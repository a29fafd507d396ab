#!/bin/sh
# Writes the transcripts of wrong programs and command lines: many.sh BOUTON OUT CASE...
#
# The cases are those of many.c, in bad/. All of them share one copy of this folder. A wrong command line must not write
# a file there; if one does, the script names it and fails.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
bouton=$(cd "$(dirname "$1")" && pwd)
out=$(cd "$2" && pwd)
shift 2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$scratch/run"
cp -R "$here/." "$scratch/run"
cd "$scratch/run"
env -u BOUTON_DATA PATH="$bouton:$PATH" NO_COLOR=1 LC_ALL=C TMPDIR="$scratch" \
    "$bouton/tests/golden_many" "$out" "$@"
rm -f "$out/.stdout" "$out/.stderr"
