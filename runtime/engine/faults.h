/* Values outside their ranges, found in a workspace or in a network's state. */
#ifndef BR_FAULTS_H
#define BR_FAULTS_H

#include "engine/workspace.h"

/* Checks for faults that compiled code recorded while it computed the first n samples of `workspace`. Returns -1 with
 * the layer and the place. `sample` is the number of the first sample. Only code compiled with checks records
 * faults. */
int br_check_faults(const br_workspace *workspace, uint64_t sample, uint32_t n, br_error *error);

/* Checks that every bound and threshold of a layer lies in its range. With `as_promised`, alpha must also stay below
 * alpha_max, which the rule as printed does not guarantee. */
int br_check_state(const br_layer_code *code, const br_layer_bounds *layer, bool as_promised, br_error *error);

#endif
