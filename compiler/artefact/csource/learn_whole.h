/* A layer that learns in whole numbers: its fixed point, its tables and its text. See docs/design/learning.md. */
#ifndef BC_SOURCE_LEARN_WHOLE_H
#define BC_SOURCE_LEARN_WHOLE_H

#include <stdio.h>

#include "artefact/csource/source.h"

/* Numbers of 32 bits with their point at a place that leaves room for the largest: v in 2^-bound, sums in 2^-sum, b/(1 - o)
 * of the bytes b in 2^-ratio. Errors are in 2^-16, shares of a step in 2^-24, rates in 2^-16. */
typedef struct bc_fixed {
    unsigned bound, sum, ratio;
} bc_fixed;

/* Of the last layer, whose top is known. */
bc_fixed bc_fixed_of(const bc_source *s);
/* A bound as compiled kernels hold it; never 0, so that it keeps its sign. */
int32_t bc_fixed_bound(const bc_source *s, float w);
uint32_t bc_fixed_rate(const bc_source *s);
/* The largest |v| that bounds allow. */
int32_t bc_fixed_most(const bc_source *s);

/* What has no form in whole numbers. BR_ERROR_CHECK, as bc_learn_choose. */
int bc_fixed_fits(const bc_source *s, br_error *error);

uint64_t bc_fixed_bytes(const bc_source *s); /* of the tables: bounds, bytes, thresholds */
void bc_put_fixed_tables(const bc_source *s, FILE *to);
void bc_put_fixed_learning(const bc_source *s, FILE *to); /* sums from a state, firing, errors, steps */

#endif
