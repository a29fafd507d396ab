#!/bin/sh
# What filters that compete are worth on CIFAR-10, beside fields of the images and random filters of the same shape, with
# the readout of examples/cifar10/winners.btn.   sh examples/ablation/filters.sh DIR [SEED...]
# Learns 24,000 images for six epochs. Prints one row for each kind of filter: accuracy on the 6,000 images held out, mean
# and spread over the seeds. The test images are not read. A run takes some four minutes of one processor.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/arms.sh"

# network FILTERS PHASE: 512 filters; FILTERS says what they are and how they fire, PHASE trains them.
network() {
    cat <<NETWORK
data cifar {
  cifar10 train "data_batch_1.bin.gz", "data_batch_2.bin.gz", "data_batch_3.bin.gz";
  hold out 20% of train as validation;
}
network winners {
  input image(32x32, rgb) in [0, 0.5] {
    whiten 50_000 patches of 9x9;
    split on off;
    levels 4 by 0.5 tied;
  }
  layer edges  = conv(6x6, 512) { $1 }
  layer cells  = pool(sum) grid 4x4 { jitter 2; }
  layer hidden = dense(256) { alpha = uniform(0, 0.3);  sum scaled(1);  leak 0.3; }
  layer class  = dense(10)  { alpha = uniform(0, 0.3);  sum scaled(2);  leak 0.3; }
}
schedule {
  $2
  phase readout {
    correct hidden, class;
    error softmax(5);
    eta 0.4 on hidden, 0.1 on class, cosine;
    epochs 6;  batch 1;  flips;
  }
}
NETWORK
}

features="phase features { compete edges; sample 200_000 patches; xi 0.05 to 0.005; target standard; conscience 0.01; }"
winners="depress over filters keep 10;  fire graded;"
echo "| 512 filters of 6x6 | held out | mean ± spread |"
echo "|---|---|---|"
network "alpha = from patches frozen;  $winners" "" | arm "fields of the images, 10 winners a place, graded" validation
network "alpha = uniform;  $winners" "$features" | arm "competed filters, the same winners" validation
network "alpha = uniform;  $winners" "" | arm "random filters, the same winners" validation
network "alpha = uniform;  sum scaled(2);  depress over filters within 32 gap 0;  fire binary;" "$features" |
    arm "competed filters on a ring of 32 to either side, binary (eq. 19)" validation
