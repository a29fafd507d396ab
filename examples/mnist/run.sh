#!/bin/sh
# Trains on MNIST's four files and checks the network's `expect`.   sh examples/mnist/run.sh DIR [NETWORK.btn]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
data=${1:-}
if [ -z "$data" ] || [ ! -d "$data" ]; then
    echo "usage: sh examples/mnist/run.sh DIR [NETWORK.btn]" >&2
    echo "DIR holds train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz and" >&2
    echo "t10k-labels-idx1-ubyte.gz." >&2
    exit 2
fi
data=$(cd "$data" && pwd)
network=${2:-digits.btn}
sh "$root/examples/build.sh"
out=${OUT:-$root/build/mnist}
mkdir -p "$out"
echo "training $network on $data"
"$root/build/bouton" train -v "$here/$network" --data "$data" -o "$out/${network%.btn}.safetensors"
