#!/bin/sh
# Deep networks on CIFAR-10: changes one part of the training at a time.   sh examples/ablation/deep.sh DIR [SEED...]
# Learns 22,500 images for five epochs. Prints one row for each arm: accuracy on the 7,500 images held out, mean and spread
# over the seeds. The test images are not read. A run takes some three minutes of one processor, with five
# convolutions twelve.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/arms.sh"

# layers NAME CHANNELS...: convolutions with a pool behind each number; numbers joined by + have one pool together.
layers() {
    i=0
    stage=0
    for wide in $1; do
        stage=$((stage + 1))
        for K in $(echo "$wide" | tr + ' '); do
            i=$((i + 1))
            echo "  layer c$i = conv(3x3, $K) padding same { alpha = uniform(0, $2);  homeostasis; }"
        done
        echo "  layer p$stage = pool(max) 2x2;"
    done
}

# network FILTERS S READOUTS SETTINGS BATCH [RULE]: the phase of examples/cifar10/deep.btn for five epochs.
network() {
    some=$(layers "$1" "$(awk -v s="$2" 'BEGIN { print 0.75 * s }')")
    corrected=$(echo "$some" | sed -n 's/.*layer \(c[0-9]*\) .*/\1/p' | paste -s -d , -)
    cat <<NETWORK
${6:-}
data cifar {
  cifar10 train "data_batch_1.bin.gz", "data_batch_2.bin.gz", "data_batch_3.bin.gz";
  hold out 25% of train as validation;
}
network deep {
  input image(32x32, rgb) in [0, $2] { opponent;  normalise local 7x7;  split on off; }
$some
  layer cells = pool(sum) grid 4x4 { calibrate 0.6; }
  layer class = dense(10) { alpha = uniform(0, $(awk -v s="$2" 'BEGIN { print 0.75 * s }'));  sum scaled(2); }
}
schedule {
  phase learn {
    correct $corrected, class $3;
    error softmax(10);  $4
    momentum 0.9;  adaptive 0.99;
    eta 0.012, cosine, warm up 300 steps;
    epochs 5;  batch $5;  flips;  shift 2;
  }
}
NETWORK
}

all="with readouts grid 4x4"
echo "| three convolutions of 64, 96 and 192 filters, 5 epochs | held out | mean ± spread |"
echo "|---|---|---|"
network "64 96 192" 0.2 "$all" "" 32 | arm "nothing changed: readouts on every layer, mixed" validation
network "64 96 192" 0.2 "$all layer by layer" "" 32 | arm "layer by layer" validation
network "64 96 192" 0.2 "" "" 32 | arm "end to end, one readout" validation
network "64 96 192" 0.2 "$all" "" 32 "rule gradient;" | arm "the exact gradient, readouts on every layer" validation
network "64 96 192" 0.2 "" "" 32 "rule gradient;" | arm "the exact gradient, end to end" validation
network "64 96 192" 0.2 "$all" "centred none;" 32 | arm "corrections not centred" validation
network "64 96 192" 0.1 "$all" "" 32 | arm "range top s = 0.1" validation
network "64 96 192" 0.4 "$all" "" 32 | arm "range top s = 0.4" validation
network "64 96 192" 0.2 "$all" "" 64 | arm "batches of 64" validation
network "64 96 192" 0.2 "$all" "" 128 | arm "batches of 128" validation
network "64+64 96+96 192" 0.2 "$all" "" 32 | arm "five convolutions: 64, 64, 96, 96, 192" validation
