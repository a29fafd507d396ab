#!/bin/sh
# Trains on CIFAR-100's binary files and checks the network's `expect`.   sh examples/cifar100/run.sh DIR [NETWORK.btn]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
data=${1:-}
if [ -z "$data" ] || [ ! -d "$data" ]; then
    echo "usage: sh examples/cifar100/run.sh DIR [NETWORK.btn]" >&2
    echo "DIR holds train.bin.gz and test.bin.gz." >&2
    exit 2
fi
data=$(cd "$data" && pwd)
network=${2:-deep.btn}
sh "$root/examples/build.sh"
out=${OUT:-$root/build/cifar100}
mkdir -p "$out"
echo "training $network on $data"
"$root/build/bouton" train -v "$here/$network" --data "$data" -o "$out/${network%.btn}.safetensors"
