/* The sums of one place: every live input adds what its live connections carry. */
#ifndef BC_FIRMWARE_SUMS_H
#define BC_FIRMWARE_SUMS_H

#include "firmware/values.h"

enum { BC_MOST_SOURCES = 64 };

/* What the function of a layer is called with. */
typedef struct bc_small_arguments {
    bc_value in, scratch, state; /* state: of a layer that learns; otherwise NULL */
} bc_small_arguments;

enum { BC_STATE_RATES = 8 }; /* bytes before them; at the beginning the model, two numbers */

typedef struct bc_small_sums {
    const struct bc_firmware *f;
    const bc_small_layer *l;
    bc_kernel kernel;
    bc_reader readers[BC_MOST_SOURCES];
    bc_value sums;                                    /* address: [pitch] of 32 bits */
    bc_value alphas, slopes, bounds, starts, targets; /* as in bc_stored; coded: alphas and slopes of the levels */
    bc_value codes, carried;                          /* coded: as in bc_stored; address: [BR_LEVELS] of 32 bits */
    bc_value runs;                                    /* numbers: from, count of each run; NULL: not trimmed */
    bc_value all;                                     /* slot: sum of o over the field; NULL: gamma needs none */
} bc_small_sums;

/* Where a layer learns, the state of `arguments` holds its connections. */
bc_small_sums bc_small_sums_new(bc_emit *e, const struct bc_firmware *f, uint32_t layer,
                                const bc_small_arguments *arguments);
/* The sums at place (y, x) of the layer's map. */
void bc_emit_sums(bc_emit *e, bc_small_sums *c, bc_value y, bc_value x);

#endif
