/* Guards: values outside their ranges end a training or a scoring, layers that say nothing are warned of. */
#ifndef BR_GUARD_H
#define BR_GUARD_H

#include "bouton/runtime.h"

/* What has been told of a phase's layers, so that it is told once. */
typedef struct br_guard {
    bool *silent, *full; /* [layer_count] */
    bool rising;
    double least; /* error of an epoch of this phase, and which */
    uint32_t least_epoch;
} br_guard;

int br_guard_begin(br_guard *guard, const br_model *model, br_error *error);
void br_guard_end(br_guard *guard);

/* After an epoch or a competition: every bound and threshold lies in its range, the error is a number; layers up to
 * `top` are asked about the first samples. -1: a value is outside. `mean_error` negative: there is none. */
typedef struct br_guarded {
    const br_network *network;
    const br_samples *samples;
    const br_train_options *options;
    const char *phase;
    uint32_t epoch, top;
    double mean_error;
} br_guarded;
int br_guard_look(br_guard *guard, const br_guarded *at, br_error *error);

#endif
