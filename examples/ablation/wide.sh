#!/bin/sh
# Wide and sparse layers beside narrow and dense ones on CIFAR-10: the more filters there are, the fewer of a place may
# fire.   sh examples/ablation/wide.sh DIR [SEED...]
# Learns 22,500 images for five epochs. Prints one row for each width: accuracy on the 7,500 images held out, mean and
# spread over the seeds; of the first seed's model also the share of live connections in the second and third layer and
# the samples a second of one thread, answering and learning, beside oneDNN's three dense convolutions of the same shapes
# alone (libdnnl-dev; without it the cell is empty). The test images are not read. Runs take from two minutes to half an
# hour of one processor.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/arms.sh"

# network K [KEPT]: three convolutions of K filters; KEPT of the filters of a pooled place may fire.
network() {
    keeps=${2:+"{ depress over filters keep $2;  fire ramp; }"}
    cat <<NETWORK
data cifar {
  cifar10 train "data_batch_1.bin.gz", "data_batch_2.bin.gz", "data_batch_3.bin.gz";
  hold out 25% of train as validation;
}
network wide {
  input image(32x32, rgb) in [0, 0.4] { opponent;  normalise local 7x7;  split on off; }
  layer c1    = conv(3x3, $1) padding same { alpha = uniform(0, 0.3);  homeostasis(4, 0); }
  layer p1    = pool(max) 2x2 ${keeps:-;}
  layer c2    = conv(3x3, $1) padding same { alpha = uniform(0, 0.3);  homeostasis(4, 0); }
  layer p2    = pool(max) 2x2 ${keeps:-;}
  layer c3    = conv(3x3, $1) padding same { alpha = uniform(0, 0.3);  homeostasis(4, 0); }
  layer p3    = pool(max) 2x2 ${keeps:-;}
  layer cells = pool(sum) grid 4x4 { calibrate 0.6; }
  layer class = dense(10) { alpha = uniform(0, 0.3);  sum scaled(2); }
}
schedule {
  phase learn {
    correct c1, c2, c3, class with readouts grid 4x4;
    error softmax(10);
    momentum 0.9;  adaptive 0.99;
    eta 0.012, cosine, warm up 300 steps;
    epochs 5;  batch 32;  flips;  shift 2;
  }
}
NETWORK
}

# The cells behind the accuracy, of the model of the sweep's first run.
measured() {
    run=$(sed -n '/"runs"/,/]/s/^ *"\([0-9a-f]*\)".*/\1/p' "$out/runs/sweep.json" | head -n 1)
    model=$out/runs/$run/model.safetensors
    "$bouton" eval "$model" --data "$data" --on validation --json |
        sed 's/.*"c2": \([0-9.]*\).*"c3": \([0-9.]*\).*/\1 \2/' |
        awk '{ printf "%.1f %% | %.1f %% | ", 100 * $1, 100 * $2 }'
    "$bouton" bench "$model" --data "$data" --threads 1 --repeat 5 --json 2>/dev/null |
        awk -F'"' '/"network": \[/ { on = 1 } on && /"work":/ { work = $4 }
                   on && /"samples_per_second"/ { sub(/.*: /, ""); rate[work] = $0 + 0 }
                   END { printf "%.0f | %.0f | ", rate["forward"], rate["learn"] }'
    [ -z "$dense" ] || OMP_NUM_THREADS=1 "$dense" 1 f32 "$filters" | awk '/^equal.f32/ { printf "%.0f", $2 }'
    echo " |"
}
row() { # NAME FILTERS [KEPT]
    filters=$2
    network "$2" "${3:-}" | arm "$1" validation measured
}
dense=$out/dnnl_peer # oneDNN, dense
${CC:-cc} -O2 "$root/tests/bench/dnnl_peer.c" -o "$dense" -ldnnl 2>/dev/null || dense=

echo "| filters of each layer, kept of a place | held out | mean ± spread | live in c2 | in c3 | answers/s | learned/s | oneDNN, dense/s |"
echo "|---|---|---|---|---|---|---|---|"
row "64, all" 64
row "128, 25 %" 128 32
row "256, 10 %" 256 26
row "512, 5 %" 512 26
