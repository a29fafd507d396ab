/* Scoring in 8 bits beside floats. */
#ifndef BOUTON_DRIVER_QUANTISED_H
#define BOUTON_DRIVER_QUANTISED_H

#include <jansson.h>
#include <stdio.h>

#include "session/session.h"

typedef struct quantised {
    br_quantised *network;
    br_score floats;      /* accuracy in floats, and what is live */
    br_score score;       /* in 8 bits */
    uint64_t calibration; /* samples that the scales were taken from */
    double allowed, lost; /* points of accuracy */
} quantised;

/* Calibrates, and scores the split in both arithmetics; the caller frees in any case. */
int quantised_score(const session *session, const br_data *data, br_split split, uint32_t threads, quantised *out);
void quantised_free(quantised *quantised);

/* The second line of a score, and the table of scales. */
int quantised_print(const session *session, const quantised *quantised, FILE *to);
json_t *quantised_json(const session *session, const quantised *quantised); /* NULL: out of memory */

/* STATUS_FAILED, having said so, where more was lost than allowed. */
int quantised_check(const session *session, const quantised *quantised, br_split split);

#endif
