/* Two models on the same samples: who is right where, and whether chance alone may make them differ so much. */
#ifndef BOUTON_DRIVER_PAIRED_H
#define BOUTON_DRIVER_PAIRED_H

#include "bouton/data.h"

/* How two models answer the same samples. */
typedef struct paired_outcome {
    uint64_t both_right, only_first, only_second, both_wrong;
    uint64_t differ;   /* samples with different answers, right or wrong */
    double p;          /* of McNemar's exact test, two-sided */
    double difference; /* of the accuracies, the first less the second */
    double low, high;  /* its 95% interval */
} paired_outcome;

/* `wanted` holds the labels of the samples, `first` and `second` what was answered: [count], at least one. */
paired_outcome paired_judge(const uint32_t *wanted, const uint32_t *first, const uint32_t *second, uint64_t count);

/* A hash of samples and their labels. Samples are the same for two models if it is equal before they are encoded. */
uint64_t paired_hash(const br_samples *samples);

#endif
