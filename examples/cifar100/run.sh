#!/bin/sh
# Trains on CIFAR-100's binary files and checks the network's `expect`.   sh examples/cifar100/run.sh DIR [NETWORK.btn]
files="train.bin.gz and test.bin.gz"
exec sh "$(dirname "$0")/../train.sh" cifar100 deep.btn "$files" "$@"
