#!/bin/sh
# One learner and eight replicas on CIFAR-10: each with the rate that is best for it on held-out images.
#
#     sh examples/ablation/replicas.sh DIR [SEED...]
#
# Two convolutions with homeostasis, momentum and adaptive steps: six epochs of 18,000 images, then eight of 45,000. A row
# is a rate; the test images are read for the row chosen alone. A run takes some 40 seconds of one processor, then some 100.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/arms.sh"

network() { # FILES EPOCHS
    cat <<NETWORK
let r = 1;
let rate = 0.012;
let size = 16;
data cifar {
  cifar10 train $1;
  cifar10 test  "test_batch.bin.gz";
  hold out 10% of train as validation;
}
network deep {
  input image(32x32, rgb) in [0, 0.2] { opponent;  normalise local 7x7;  split on off; }
  layer c1    = conv(3x3, 32) padding same { alpha = uniform(0, 0.15);  homeostasis; }
  layer p1    = pool(max) 2x2;
  layer c2    = conv(3x3, 64) padding same { alpha = uniform(0, 0.15);  homeostasis; }
  layer p2    = pool(max) 2x2;
  layer cells = pool(sum) grid 4x4 { calibrate 0.6; }
  layer class = dense(10) { alpha = uniform(0, 0.15);  sum scaled(2); }
}
schedule {
  phase learn {
    correct c1, c2, class with readouts grid 4x4;
    error softmax(10);
    momentum 0.9;  adaptive 0.99;
    eta rate, cosine, warm up 100 steps;
    epochs $2;  batch size;  flips;  shift 2;
    replicas r merge every 1 batches;
  }
}
NETWORK
}
choose() { # R BATCH RATES
    echo "R = $1, batches of $2 images:"
    "$bouton" sweep "$out/replicas.btn" --data "$data" --seeds "$seeds" --set r="$1" --set size="$2" --set rate="$3" \
        -o "$out/runs"
}
network '"data_batch_1.bin.gz", "data_batch_2.bin.gz"' 6 >"$out/replicas.btn"
choose 1 16 0.006,0.012,0.024,0.048
choose 8 16 0.05,0.07,0.1,0.14
choose 8 8 0.035,0.05,0.07
all=$(for i in 1 2 3 4 5; do printf ', "data_batch_%s.bin.gz"' $i; done)
network "${all#, }" 8 >"$out/replicas.btn"
choose 1 16 0.012,0.024
choose 8 16 0.07,0.1
choose 8 12 0.06
choose 8 8 0.035,0.05,0.07
