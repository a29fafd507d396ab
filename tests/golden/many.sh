#!/bin/sh
# Writes the transcripts of wrong programs and command lines: many.sh BOUTON OUT CASE...
#
# Cases are those of many.c, in bad/. All share one copy of this folder; a wrong command line must leave nothing in it:
# where one does, that is said and fails.
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
