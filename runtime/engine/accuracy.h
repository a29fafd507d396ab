/* The accuracy of a network on labelled samples. */
#ifndef BR_ACCURACY_H
#define BR_ACCURACY_H

#include "engine/features.h"

/* Layers whose answers are compared with the labels: the layer that answers, and readouts. */
typedef struct br_answering {
    uint32_t *layers; /* [count] */
    uint32_t count;
    const br_ranks *ranks; /* which share out the samples and all get the accuracies; NULL: none */
} br_answering;

/* out[count]: the accuracy of each. With `features` (NULL: none), inference begins at their layer. */
int br_accuracy(const br_network *network, const br_samples *samples, const br_features *features, uint32_t threads,
                const br_answering *answering, double *out, br_error *error);

#endif
