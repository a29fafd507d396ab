/* The measurements of `bouton bench`. */
#ifndef BOUTON_DRIVER_BENCH_H
#define BOUTON_DRIVER_BENCH_H

#include "bouton/bench.h"
#include "session/session.h"
#include "system/machine.h"

/* Above these limits the figures are called noisy. The first limits the interquartile range of a measurement, as a
 * share of its median. The second limits the difference between the peaks, as a share of their median. */
#define BENCH_SPREAD_MOST       0.10
#define BENCH_DISAGREEMENT_MOST 0.10

typedef struct benchmark {
    session *s;
    machine_info machine;
    br_timing_options options; /* batch 0: each layer's own batch size */
    br_timings *layers;        /* [layer_count] */
    br_quantised *quantised;   /* with --quantize; else NULL */
    const br_phase *phase;     /* that learning is timed by; NULL: none */
    br_timings network[BR_NETWORK_TIMINGS];
    double *peaks;       /* [layer_count + 1]: multiply-adds per second, in the order measured */
    double peak;         /* median of `peaks` */
    double disagreement; /* (largest - smallest)/median of `peaks` */
    double spread;       /* the largest bench_spread of all measurements */
} benchmark;

/* (upper quartile - lower quartile)/median. Half of the measurements lie in this range. */
double bench_spread(const br_timing *timing);
bool bench_noisy(const benchmark *bench);

/* Connections computed for one sample, live or silent, at every position. For a pool, which has no connections, the
 * values it reads. */
double bench_connections(const bl_layer *layer);
/* Values that the work handles for one sample, if it has no connections: drives that are compared or standardised,
 * errors that are centred, or values that a pool reads; else 0. */
double bench_values(const bl_layer *layer, const br_timing *timing);
bool bench_lists_quads(const br_timings *all, const br_timing *timing); /* in 8 bits, over lists of live quads */
bool bench_of_places(const br_timing *timing); /* the work walks over the values of a map, without connections */

/* The share of a layer's work in one of the network's works (BR_TIME_FORWARD, ...): its time for a sample, divided by
 * the sum of the times of all kernels that the network's work consists of, each timed alone. 0: it is no part of it. */
double bench_share(const benchmark *bench, uint32_t layer, const br_timing *timing, int whole);

int bench_print_table(const benchmark *bench, FILE *to);
int bench_print_json(const benchmark *bench, FILE *to);

#endif
