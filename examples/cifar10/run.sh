#!/bin/sh
# Trains on CIFAR-10's binary files and checks the network's `expect`.   sh examples/cifar10/run.sh DIR [NETWORK.btn]
files="data_batch_1.bin.gz to data_batch_3.bin.gz (deep.btn, sparse.btn, winners.btn: to data_batch_5.bin.gz) and
test_batch.bin.gz"
exec sh "$(dirname "$0")/../train.sh" cifar10 paper.btn "$files" "$@"
