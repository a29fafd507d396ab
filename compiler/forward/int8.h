/* What the two forward passes in 8 bits share: forward_int8.c reads every quad, forward_int8_live.c those in its
 * lists. */
#ifndef BC_INT8_H
#define BC_INT8_H

#include "forward/forward.h"

typedef struct bc_int8 {
    bc_kernel_args args;
    bc_line_range lines;           /* of places, of a convolution */
    bc_value codes, rows, live;    /* of br_int8 */
    bc_value quantum, scale;       /* of br_int8 */
    bc_value thetas, drives, outs; /* of the layer */
    bc_value block;                /* of the current tile */
    uint32_t vectors;              /* number of its vectors */
    bc_thresholds thresholds;
    bc_value late; /* convolutions that read every quad: sums over alpha alone, [lines of the field][vectors], i32 */
} bc_int8;

/* Whether gamma depends on the inputs.                                                               (4) */
static inline bool bc_int8_shared(const bc_kernel *k)
{
    return k->layer->sum == BT_SUM_SHARED;
}

/* gamma times the value of 1 in a sum. `all` = sum of o over the field in every lane, i32; only if gamma needs it. If
 * all inputs are silent, it is 0.                                                                    (4) */
bc_value bc_int8_worth(bc_emit *e, const bc_kernel *k, const bc_int8 *u, bc_value all);

/* Convolutions that read a depressed map: lists the live quads of one sample; the sums of all samples and lines. */
void bc_int8_list(bc_emit *e, const bc_kernel *k, bc_value int8, bc_value sample);
void bc_int8_live(bc_emit *e, const bc_kernel *k, bc_int8 *u);

#endif
