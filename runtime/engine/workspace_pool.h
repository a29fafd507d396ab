/* Working memory of a team that answers: one for each member, and what they share. */
#ifndef BR_WORKS_H
#define BR_WORKS_H

#include "engine/workspace.h"

/* Bounds of dense layers that answer packed (compiler/kernels/packed.c), as they are when it is made: the network must
 * not learn while a team answers. */
typedef struct br_works {
    uint32_t count;
    br_work **each;
    float **packed; /* [layer_count]; NULL: the layer answers in another form */
    uint32_t layer_count;
} br_works;

/* On an error nothing is left. */
int br_works_new(const br_network *network, uint32_t count, uint32_t batch, br_works *out, br_error *error);
void br_works_free(br_works *works);

/* Bytes that packing takes at most, whatever forms data ask for; UINT64_MAX: beyond 64 bits. */
uint64_t br_works_packed_bytes(const br_model *model);

/* One layer's bounds, packed anew; the caller frees. Its kernels are made if need be. */
int br_pack_new(const br_network *network, uint32_t layer, float **out, br_error *error);

#endif
