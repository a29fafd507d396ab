/* What `bouton bench` measured, and how it is shown. */
#ifndef BOUTON_DRIVER_BENCH_H
#define BOUTON_DRIVER_BENCH_H

#include "bouton/bench.h"
#include "session/session.h"
#include "system/machine.h"

/* Above these the figures are called noisy: half of the measurements of something lie further apart than this share of
 * their median; the peaks found before each layer and at the end differ by more than this share. */
#define BENCH_SPREAD_MOST       0.10
#define BENCH_DISAGREEMENT_MOST 0.10

typedef struct benchmark {
    session *s;
    machine_info machine;
    br_timing_options options; /* batch 0: each layer's own */
    br_timings *layers;        /* [layer_count] */
    br_quantised *quantised;   /* --quantize; else NULL */
    br_timings network[BR_NETWORK_TIMINGS];
    double *peaks;       /* [layer_count + 1]: multiply-adds per second, in the order measured */
    double peak;         /* their median */
    double disagreement; /* (largest - smallest)/median of them */
    double spread;       /* the widest of all */
} benchmark;

/* (upper quartile - lower quartile)/median: half of the measurements lie that close together. */
double bench_spread(const br_timing *timing);
bool bench_noisy(const benchmark *bench);

/* Connections of one sample: live or silent, at every place; of a pool, which has none, the values it reads. */
double bench_connections(const bl_layer *layer);

int bench_print_table(const benchmark *bench, FILE *to);
int bench_print_json(const benchmark *bench, FILE *to);

#endif
