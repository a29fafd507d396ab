/* The accuracies of readouts, under the names of the layers on which they stand. */
#ifndef BOUTON_DRIVER_DEPTHS_H
#define BOUTON_DRIVER_DEPTHS_H

#include <jansson.h>
#include <stdio.h>

#include "bouton/runtime.h"

/* "  readouts  c1 48.10%  c2 55.20%"; nothing if there are none. */
void depths_line(const br_depth *depths, uint32_t count, FILE *to);

/* {"c1": 0.481, "c2": 0.552}; NULL: out of memory. */
json_t *depths_json(const br_depth *depths, uint32_t count);

#endif
