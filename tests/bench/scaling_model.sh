#!/bin/sh
# The model of docs/scaling.md: how many times faster P ranks with a replica each are than one learner.
#     scaling_model.sh BATCH VALUES MERGE      seconds of a batch, values merged, seconds for a value of a replica
# Prints a table for 8, 64 and 512 ranks, two networks of machines and several M, and the least M that keeps half of P.
set -eu
if [ $# -ne 3 ]; then
    echo "usage: $0 BATCH VALUES MERGE" >&2
    exit 2
fi
LC_ALL=C awk -v batch="$1" -v values="$2" -v merge="$3" '
function exchange(P, latency, bytes) { return 2 * (latency + (P - 1) * 1e-6) + 8 * values * (P - 1) / P / bytes }
function gain(P, M, latency, bytes) { return P * M * batch / (M * batch + values * merge + exchange(P, latency, bytes)) }
BEGIN {
    split("8 64 512", ranks); split("10 50 200", every)
    print "| ranks | network | M = 10 | M = 50 | M = 200 | M for half of the ranks |"
    print "|---|---|---|---|---|---|"
    for (i = 1; i <= 3; i++)
        for (fast = 0; fast <= 1; fast++) {
            latency = fast ? 5e-6 : 30e-6; bytes = fast ? 12.5e9 : 1.25e9
            line = sprintf("| %d | %s Gbit/s |", ranks[i], fast ? "100" : "10")
            for (k = 1; k <= 3; k++)
                line = line sprintf(" %.1f |", gain(ranks[i], every[k], latency, bytes))
            cost = values * merge + exchange(ranks[i], latency, bytes)
            printf "%s %d |\n", line, int(cost / batch) + 1
        }
}'
