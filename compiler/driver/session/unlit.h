/* Values of the input that no sample lights: in every training and validation sample they are at the lower end of their
 * range, so that they never carried signal. */
#ifndef BOUTON_DRIVER_UNLIT_H
#define BOUTON_DRIVER_UNLIT_H

#include "bouton/runtime.h"
#include "options/cli.h"

typedef struct unlit_values {
    uint8_t *lit; /* [values] of the encoded input: whether a sample lights it; NULL: the data were not asked */
    uint64_t values, unlit, samples;
} unlit_values;

/* On failure, prints an error. The caller frees `lit`. */
int unlit_find(const command_line *cli, const br_data *data, unlit_values *out);

#endif
