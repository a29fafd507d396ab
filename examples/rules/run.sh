#!/bin/sh
# Trains the same network with the repaired rule and with the rule as printed, on MNIST.   sh examples/rules/run.sh DIR
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
data=${1:-}
if [ -z "$data" ] || [ ! -d "$data" ]; then
    echo "usage: sh examples/rules/run.sh DIR     (DIR holds the four MNIST files)" >&2
    exit 2
fi
data=$(cd "$data" && pwd)
sh "$root/examples/build.sh"
out=${OUT:-$root/build/rules}
mkdir -p "$out"
for rule in repaired printed; do
    echo
    echo "rule $rule:"
    "$root/build/bouton" train "$here/$rule.btn" --data "$data" -o "$out/$rule.safetensors"
done
