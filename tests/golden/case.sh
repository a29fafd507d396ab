#!/bin/sh
# Prints the transcript of one case: case.sh BOUTON CASE
#
# A case good/VERB/NAME.cmd holds one or a few command lines for sh. It runs in a temporary folder with copies of this
# folder's networks and an empty folder `folder`, with `bouton` on PATH and without colours.
# The transcript is standard output, standard error and the exit status. filter.sed replaces figures that differ between
# runs or machines.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
bouton=$(cd "$(dirname "$1")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

command=$(cat "$here/$2")
mkdir "$scratch/run"
cp "$here"/*.btn "$here"/*.ppm "$scratch/run"
mkdir "$scratch/run/folder"
cd "$scratch/run"

status=0
env -u BOUTON_DATA PATH="$bouton:$PATH" NO_COLOR=1 LC_ALL=C TMPDIR="$scratch" \
    sh -c "$command" </dev/null >"$scratch/stdout" 2>"$scratch/stderr" || status=$?

printf '$ %s\n' "$command"
for stream in stdout stderr; do
    if [ -s "$scratch/$stream" ]; then
        echo "--- $stream"
        sed -E -f "$here/filter.sed" "$scratch/$stream"
    fi
done
echo "--- exit $status"
