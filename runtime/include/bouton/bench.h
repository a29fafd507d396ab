/* Timing of kernels and networks, for `bouton bench`.
 *
 *     br_timing_options options = {.batch = 64, .threads = 1, .repeat = 21, .live = 0.2, .seed = 1};
 *     br_timings timings;
 *     if (br_time_layer(network, 0, &options, &timings, &error) != 0)
 *         return fail(error.message);
 *     for (uint32_t i = 0; i < timings.count; i++)
 *         printf("%s %s: %g samples/s\n", timings.works[i].work, timings.works[i].method,
 *                timings.batch / timings.works[i].median);
 *
 * All calls return 0, or -1 with the reason in *error. They change no network: training is timed on a copy. Threads:
 * see bouton/error.h. Other work on the machine disturbs the timings. */
#ifndef BOUTON_BENCH_H
#define BOUTON_BENCH_H

#include "bouton/infer.h"
#include "bouton/train.h"

BOUTON_BEGIN

typedef struct br_timing {
    /* "forward", "depress", "spread", "standardise", "lean", "centre", "feedback", "step", "learn": both in one walk */
    const char *work;
    const char *method; /* the method: "events", "dense", ...; one row for each that the layer was compiled with */
    double least, lower, median, upper, most; /* seconds for one batch; lower and upper are the quartiles */
} br_timing;

typedef struct br_timing_options {
    uint32_t batch, threads, repeat;
    const br_samples *samples;     /* read by the network; NULL: random input */
    double live;                   /* share of random inputs that are above 0, in [0, 1] */
    uint64_t seed;                 /* of the random input */
    const br_quantised *quantised; /* timed in 8 bits, too; NULL: not */
} br_timing_options;

enum { BR_TIMINGS_MOST = 16 };
typedef struct br_timings {
    double live;    /* share of the values read that are above 0 */
    double quads;   /* share of the quads of a map that are listed in 8 bits (not 0 in all four bytes); 0: no lists */
    uint32_t batch; /* samples that the seconds are for */
    uint32_t count;
    const char *inference, *training; /* the methods among `works` by which the network computes the layer forward */
    br_timing works[BR_TIMINGS_MOST];
} br_timings;

/* Times each kernel of one layer alone. With samples, the layer reads the activations of a batch of them and has their
 * errors; without, it reads random activations and every neuron has an error. The methods of inference and of training
 * are chosen by these inputs. BR_ERROR_USAGE: repeat is 0 or too large. */
int br_time_layer(const br_network *network, uint32_t layer, const br_timing_options *options, br_timings *out,
                  br_error *error);

/* Times the whole network: inference as br_predict runs it, the same in 8 bits, and training by one phase (NULL: none).
 * `batch` of each result is the number of samples that its seconds are for; a result without timings has count 0. */
enum { BR_TIME_FORWARD, BR_TIME_INT8, BR_TIME_LEARN, BR_NETWORK_TIMINGS };
int br_time_network(const br_network *network, const br_phase *phase, uint32_t phase_index,
                    const br_timing_options *options, br_timings out[BR_NETWORK_TIMINGS], br_error *error);

/* Multiply-adds per second, on all threads together, of a kernel that does one for each of `floats` values of `out` in
 * each of its end - first rounds (bc_peak of bouton/compiler.h). */
int br_time_peak(br_kernel *kernel, uint32_t floats, const br_timing_options *options, double *rate, br_error *error);

BOUTON_END
#endif
