/* The guard of a training. A value outside its range ends the training; layers that carry no information cause a
 * warning. */
#ifndef BR_GUARD_H
#define BR_GUARD_H

#include "bouton/runtime.h"

/* The warnings given in a phase, so that each is given once. */
typedef struct br_guard {
    bool *silent, *full; /* [layer_count] */
    bool *odd;           /* [layer_count]: homeostasis: a neuron never fires, or always */
    bool rising;
    double least; /* least error of an epoch of this phase, and its epoch */
    uint32_t least_epoch;
} br_guard;

int br_guard_begin(br_guard *guard, const br_model *model, br_error *error);
void br_guard_end(br_guard *guard);

/* Checks the state after an epoch or a competition: every bound and threshold lies in its range, and the error is
 * finite. Layers up to `top` compute the first samples. Returns -1 if a value is outside its range. A negative
 * `mean_error` stands for none. */
typedef struct br_guarded {
    const br_network *network;
    const br_samples *samples;
    const br_train_options *options;
    const char *phase;
    uint32_t epoch, top;
    double mean_error;
    float *live; /* [layer_count]: takes the live shares of the layers up to `top`, means over a few samples; NAN of
                    the others. NULL: not wanted */
} br_guarded;
int br_guard_check(br_guard *guard, const br_guarded *at, br_error *error);

#endif
