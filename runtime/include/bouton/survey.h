/* What the layers of a network do on many samples: which neurons fire, what they read, how their drives are spread, and
 * every value of a few samples.
 *
 *     br_survey survey;
 *     if (br_survey_samples(network, br_data_split(data, BT_SPLIT_TEST), watched, 8, 0, &survey, &error) != 0)
 *         return fail(error.message);
 *     for (uint32_t k = 0; k < survey.layers[0].neurons; k++)
 *         silent += survey.layers[0].fired[k] == 0;
 *     br_survey_free(&survey);
 *
 * Results do not depend on the number of threads. Threads: as bouton/infer.h. */
#ifndef BOUTON_SURVEY_H
#define BOUTON_SURVEY_H

#include "bouton/data.h"
#include "bouton/network.h"

BOUTON_BEGIN

#define BR_SURVEY_SAMPLES 10000u /* at most so many are computed */
#define BR_SURVEY_LIVE    1000u  /* live connections are counted on the first so many, as br_score_samples does */
#define BR_SURVEY_BINS    128u

/* Bin i counts values in [(i - BR_SURVEY_BINS/2) width, (i + 1 - BR_SURVEY_BINS/2) width). The width is the smallest
 * power of two, from 2^-10 on, with which every value has a bin. */
typedef struct br_spread {
    double width;
    uint64_t counts[BR_SURVEY_BINS];
} br_spread;

typedef struct br_layer_survey {
    uint32_t neurons;
    uint64_t values;   /* that the layer reads: places times channels, 0 .. values-1 place by place */
    uint64_t outputs;  /* that it has: places times neurons */
    uint64_t *fired;   /* [neurons]: samples for which the neuron fires at one place or more */
    float *most;       /* [neurons]: its largest drive, over samples and places; pools: activation */
    uint64_t *most_at; /* [neurons]: the first sample that has it */
    float *top;  /* [values]: the largest size of what was read there, in [0, range_in]; of tied levels in [0, N] */
    float *live; /* [live_samples]: share of the connections that are live, in [0, 1] */
    br_spread drives; /* of all neurons at all places; pools: none */
} br_layer_survey;

/* One sample in full. */
typedef struct br_layer_values {
    float *in;    /* [values]: what the layer reads */
    float *drive; /* [outputs] */
    float *out;   /* [outputs]: activations */
} br_layer_values;

typedef struct br_survey {
    uint64_t samples, live_samples;
    uint32_t layer_count; /* the layers that lead to the answer */
    br_layer_survey *layers;
    uint32_t watched;
    br_layer_values *values; /* [watched][layer_count] */
} br_survey;

/* Computes the first samples, at most BR_SURVEY_SAMPLES. `watch` [watched] holds the numbers of samples among them whose
 * values are kept. `threads` 0: every processor. BR_ERROR_CHECK: samples of another shape than the network's, or a
 * watched number that is not among them. */
int br_survey_samples(br_network *network, const br_samples *samples, const uint64_t *watch, uint32_t watched,
                      uint32_t threads, br_survey *out, br_error *error);
void br_survey_free(br_survey *survey);

BOUTON_END
#endif
