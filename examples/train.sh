#!/bin/sh
# Trains a network of an example and checks its `expect`:   train.sh EXAMPLE DEFAULT.btn FILES DIR [NETWORK.btn]
# The run.sh of the examples that need data call it; FILES says what DIR holds.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
example=$1
network=${5:-$2}
files=$3
data=${4:-}
if [ -z "$data" ] || [ ! -d "$data" ]; then
    echo "usage: sh examples/$example/run.sh DIR [NETWORK.btn]" >&2
    echo "DIR holds $files." >&2
    exit 2
fi
data=$(cd "$data" && pwd)
sh "$root/examples/build.sh"
out=${OUT:-$root/build/$example}
mkdir -p "$out"
echo "training $network on $data"
"$root/build/bouton" train -v "$root/examples/$example/$network" --data "$data" -o "$out/${network%.btn}.safetensors"
