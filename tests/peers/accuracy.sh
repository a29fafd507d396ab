#!/bin/sh
# Trains networks of other kinds with PyTorch on the data of the examples, and prints their accuracies as a table.
#
#     sh tests/peers/accuracy.sh DIR [NETWORK...] [--seeds N...] [--epochs N] [--batch N] [--rate R] [--threads N]
#                                [--floats float32|bfloat16] [--no-test]
#
# DIR holds MNIST (idx files), CIFAR-10 (data_batch_*.bin) or CIFAR-100 (train.bin, test.bin), each file as it is or
# with gzip. NETWORK is plain, bare, dropout, dropconnect, maxout, nin, maxout-dropout or nin-dropout (networks.py says
# what they are); without it, the first six are trained. A tenth of the training images is held out, class by class;
# the test images are read once, after the last epoch of each run. --no-test leaves them out, for choosing a setting.
#
# Needs Debian's python3-torch. It is not installed here: without it nothing is measured.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-/usr/bin/python3}
if ! command -v "$python" >/dev/null; then
    echo "SKIP  accuracies of other networks: no PyTorch ($python is missing)"
    exit 0
fi
exec "$python" -B "$here/accuracy.py" "$@"
