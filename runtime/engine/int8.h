/* 8-bit inference: a quantised network, and the buffers that its kernels need in a workspace. */
#ifndef BR_INT8_H
#define BR_INT8_H

#include "engine/workspace.h"

enum { BR_QUANTA_MOST = 255, BR_SLOPE_MOST = 127 };

struct br_quantised {
    const br_network *network;
    br_quantised_layer *facts; /* [layer_count] */
    uint8_t **rows;            /* [layer_count]: laid out as br_int8 says; NULL: in floats */
    uint32_t **orders;         /* [layer_count]: of the channels of layers that read live quads; NULL: others */
    uint32_t pass, passes;     /* over the samples, while it is made: the present one, of so many; then 0 */
    uint32_t bits;             /* of a bound: 8 or 4 */
    br_levels *levels;         /* [layer_count]: with 4 bits */
    uint8_t **codes; /* [layer_count][neurons][inputs]: with 4 bits, the level of each connection; NULL: none */
};

/* Allocates the buffers. From then on, br_forward_alone computes the quantised layers in 8 bits. */
int br_work_int8(br_workspace *workspace, const br_quantised *quantised, br_error *error);
void br_work_int8_end(br_workspace *workspace);

/* Whether a layer is computed in 8 bits and its rows are larger than the second cache of most processors. */
bool br_int8_is_large(const br_workspace *workspace, uint32_t layer);

#endif
