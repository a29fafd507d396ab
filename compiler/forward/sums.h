/* Sums over live inputs, of the events method: what forward.c, fields.c and passing.c share. */
#ifndef BC_SUMS_H
#define BC_SUMS_H

#include "forward/forward.h"
#include "plan/walk.h"

enum { BC_SUMS = BC_TOGETHER }; /* most sets of sums in registers: lines of places, or partial sums of a dense layer */

typedef struct bc_sums {
    bc_live live;
    bc_value bounds, theta, inputs, drives, outs;
    /* of the current sample, so that a place's number leads to its values */
    bc_value sample;
    bc_value fields; /* [places]: the sum of o over each field */
    bc_value drive, out;
    /* of the current tile */
    bc_value block;
    uint32_t count;
    bc_thresholds thresholds;
    bc_value total[BC_SUMS][16]; /* slots: sums of each line of places, or partial sums of a dense layer */
    bc_value field_sums; /* slot: the sum of o over each line's field, one lane per line; not used in a dense layer */
} bc_sums;

bc_sums bc_sums_of(bc_emit *e, bc_value state);
void bc_sums_sample(bc_emit *e, const bc_kernel *k, bc_sums *u, bc_value sample);
void bc_sums_tile(bc_emit *e, const bc_kernel *k, bc_sums *u, bc_value block, uint32_t count);

/* Clears `count` sets of sums. */
void bc_sums_clear(bc_emit *e, bc_sums *u, uint32_t count);
/* An event body: adds an input to every line that reads it; in a dense layer to the partial sums `number`.        (2) */
bc_event_body bc_add_event;

/* The sums of o over the fields of a place's lines: begins with `first` in the first line; reads that of a line. */
void bc_field_begin(bc_emit *e, bc_sums *u, bc_value first);
bc_value bc_field_sum(bc_emit *e, const bc_sums *u, uint32_t line);

bc_value bc_place_of(bc_emit *e, const bc_kernel *k, const bc_window *window);
/* Drives and activations of the tile from its sums at one place.                                            (3), (4) */
void bc_sums_finish(bc_emit *e, const bc_kernel *k, const bc_sums *u, bc_value place, const bc_value *sums);

/* Lines of a convolution's places, for the current block: fields.c, for the current sample, if the walk goes place by
 * place; passing.c, for some samples, if it goes over parts of the bounds. */
void bc_fields(bc_emit *e, const bc_kernel *k, bc_sums *u, const bc_walk *walk, bc_line_range range);
void bc_passing(bc_emit *e, const bc_kernel *k, bc_sums *u, const bc_walk *walk, bc_line_range samples,
                bc_line_range range);

#endif
