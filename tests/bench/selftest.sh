#!/bin/sh
# Tests what the benchmark scripts compute from measurements, without measuring:   sh tests/bench/selftest.sh BOUTON
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
bouton=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
failed=0

# ---- rows of ratios.awk ----

cat >"$scratch/goals" <<'END'
# a comment
live | full | c2 10%, class 8%
live | thin | c2 10%
median | a | b | 1.5
short | a | b | 1.51
no goal | a | b | - | torch.a
enough live | a | b | 1 | sgemm | full
starved | a | b | 1 | | thin
a time | t.seconds | 0.5 ns | 1
lesser of two | a | b | 1.8 or pair
missing | a | c | 1
END
cat >"$scratch/rates" <<'END'
a 3e9
a 1e9
a 2e9
b 2e9
b 1e9
b 1e9
torch.a 1e9
live.full.c2 0.0951
live.full.class 0.08
live.thin.c2 0.0949
t.seconds 0.4e-9
pair 1.4
END
awk -F' *[|] *' -v rates="$scratch/rates" -f "$here/ratios.awk" "$scratch/goals" | sed 1,2d >"$scratch/table"
cat >"$scratch/wanted" <<'END'
| median | 2 G/s | 1 G/s | 1.5 | 1.50 | 1.00-2.00 |  |  | reached |
| short | 2 G/s | 1 G/s | 1.51 | 1.50 | 1.00-2.00 |  |  | short |
| no goal | 2 G/s | 1 G/s |  | 1.50 | 1.00-2.00 | PyTorch 1 G/s: 3.00 |  |  |
| enough live | 2 G/s | 1 G/s | 1 | 1.50 | 1.00-2.00 | - | c2 9.5%, class 8.0% | reached |
| starved | 2 G/s | 1 G/s | 1 | 1.50 | 1.00-2.00 |  | c2 9.5% | starved |
| a time | 0.40 ns | 0.5 ns | 1 | 1.25 | 1.25-1.25 |  |  | reached |
| lesser of two | 2 G/s | 1 G/s | 1.4 | 1.50 | 1.00-2.00 |  |  | reached |
| missing | 2 G/s | - | 1 | | | |  | not measured |
END
diff "$scratch/wanted" "$scratch/table" || failed=1

# A network without a line `live` is a mistake of goals.txt.
echo 'unknown live | a | b | 1 | | other' >"$scratch/goals"
if awk -F' *[|] *' -v rates="$scratch/rates" -f "$here/ratios.awk" "$scratch/goals" >"$scratch/table" 2>&1; then
    echo "a network without a line \`live\` was accepted"
    failed=1
fi

# ---- keys of bench ----

"$bouton" bench "$here/sparse_mnist.btn" --network depressed --quantize --batch 2 --repeat 3 --json 2>"$scratch/log" |
    bench_rates >"$scratch/rates"
for key in peak compile.seconds c1.forward.chosen c1.depress.seconds c2.live class.live network.forward \
    network.forward.8-bit network.learn; do
    awk -v key="$key" '$1 == key && $2 > 0 { found++ } END { exit found != 1 }' "$scratch/rates" ||
        { echo "bench: not one positive value of $key"; failed=1; }
done
exit $failed
