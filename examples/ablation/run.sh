#!/bin/sh
# Ablation on MNIST: changes one part of the model at a time.   sh examples/ablation/run.sh DIR [SEED...]
# Prints one row for each arm: test accuracy, mean and spread over the seeds. No setting was selected with it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/arms.sh"

# correct RANGE RULE CONNECTIONS: one hidden layer. The gain is scaled with the range, so that drives keep their size.
correct() {
    cat <<NETWORK
include "$root/examples/mnist/mnist.btn";
let s = $1;
rule $2;
network hidden200 {
  input image(28x28) in [0, s];
  layer hidden = dense(200) { sum scaled(2 / s); $3 }
  layer class  = dense(10)  { sum scaled(2 / s); $3 }
}
schedule {
  phase learn { correct hidden, class; error softmax(5); eta 0.3 on hidden, 0.05 on class, decay 0.8; epochs 10; batch 8; }
}
NETWORK
}

# compete DEPRESS ALPHA PHASE: competing filters, and a readout of one layer above them.
compete() {
    cat <<NETWORK
include "$root/examples/mnist/mnist.btn";
network competed {
  input image(28x28) in [0, 0.9];
  layer edges = conv(7x7, 128) { alpha in [0, 0.9] = $2; sum scaled(2); $1; fire binary; range [0, 0.8]; }
  layer cells = pool(sum) grid 4x4 { calibrate 1.5; }
  layer class = dense(10) { alpha in [0, 0.8] = uniform(0, 0.3); sum scaled(2); leak 0.3; }
}
schedule {
  $3
  phase readout { correct class; error softmax(5); eta 1, decay 0.8; epochs 12; batch 8; }
}
NETWORK
}

none="signs mixed(50%);"
features="phase features { compete edges; sample 100_000 patches; xi 0.05 to 0.005; target pattern; conscience 0.01; }"
ring="depress over filters within 16 gap 0"

echo "| 784-200-10, one change at a time | test | mean ± spread |"
echo "|---|---|---|"
correct 0.5 repaired "$none" | arm "nothing changed: repaired, s = 0.5, signs switch at any crossing" test
correct 0.5 printed "$none" | arm "the rule as printed" test
correct 0.5 repaired "signs mixed(50%) fixed;" | arm "signs never switch" test
for tau in 0.01 0.05 0.2; do
    correct 0.5 repaired "signs mixed(50%) switching at tau $tau;" | arm "signs switch within τ = $tau of α's upper bound" test
done
for s in 0.3 0.7 0.8 0.9; do
    correct "$s" repaired "$none" | arm "range top s = $s" test
done
correct 0.5 repaired "leak 0.3;" | arm "silent connections learn, leak 0.3" test

echo
echo "| 128 filters, 4x4 sums, 10 | test | mean ± spread |"
echo "|---|---|---|"
compete "$ring" uniform "$features" | arm "competed filters, ring of 16 to either side" test
compete "$ring" uniform "" | arm "random filters" test
compete "$ring" "from patches" "" | arm "filters from patches" test
for gap in 0 0.02 0.05 0.1; do
    compete "depress over filters gap $gap" uniform "$features" | arm "one winner a place, gap $gap" test
done
for keep in 2 4 8 16; do
    compete "depress over filters keep $keep" uniform "$features" | arm "the largest $keep of a place stay" test
done
compete "$ring; depress over places 3x3" uniform "$features" | arm "ring, and places of 3x3 depress each other" test
