#!/bin/sh
# Trains on MNIST's four files and checks the network's `expect`.   sh examples/mnist/run.sh DIR [NETWORK.btn]
files="train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz and
t10k-labels-idx1-ubyte.gz"
exec sh "$(dirname "$0")/../train.sh" mnist digits.btn "$files" "$@"
