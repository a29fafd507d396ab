#!/bin/sh
# Writes made-up readings of a sensor: one series on each line, 64 readings of three axes, then a word.
#   sh readings.sh SERIES > readings.csv
awk -v series="${1:-1200}" '
function uniform() { seed = (seed * 16807) % 2147483647; return seed / 2147483647 }
function noise() { return uniform() + uniform() + uniform() + uniform() - 2 }
BEGIN {
    seed = 20261
    split("resting walking shaken turned", words, " ")
    for (i = 0; i < series; i++) {
        kind = i % 4; start = 6.2832 * uniform(); pace = 0.8 + 0.4 * uniform(); when = 16 + int(32 * uniform())
        for (t = 0; t < 64; t++) {
            x = 0; y = 0; z = 9.8
            if (kind == 1) { x = 1.5 * sin(0.4 * pace * t + start); z += 3 * sin(0.8 * pace * t + start) }
            if (kind == 2) { x = 9 * sin(2.2 * pace * t + start); y = 6 * cos(2.2 * pace * t + start) }
            if (kind == 3) { turned = 1 / (1 + exp((when - t) / 3)); y = 9.8 * sin(3.1416 * turned); z *= 1 - 2 * turned }
            printf "%.2f,%.2f,%.2f,", x + noise(), y + noise(), z + noise()
        }
        print words[kind + 1]
    }
}'
