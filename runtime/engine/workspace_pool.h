/* Inference workspaces, one for each member of a team, and the packed bounds they share. */
#ifndef BR_WORKSPACE_POOL_H
#define BR_WORKSPACE_POOL_H

#include "engine/workspace.h"

/* The bounds of layers that use the packed method (compiler/forward/packed.c) are copied when the pool is made.
 * The network must not learn while the pool is in use. */
typedef struct br_workspace_pool {
    uint32_t count;
    br_workspace **each;
    float **packed; /* [layer_count]; NULL: the layer uses another method */
    uint32_t layer_count;
} br_workspace_pool;

/* On an error nothing stays allocated. */
int br_workspace_pool_new(const br_network *network, uint32_t count, uint32_t batch, br_workspace_pool *out,
                          br_error *error);
void br_workspace_pool_free(br_workspace_pool *pool);

/* The most bytes that packed bounds take, whatever methods the data choose; UINT64_MAX: more than 64 bits. */
uint64_t br_workspace_pool_packed_bytes(const br_model *model);

/* A packed copy of one layer's bounds; the caller frees it. Compiles the kernels of the packed method if necessary. */
int br_pack_new(const br_network *network, uint32_t layer, float **out, br_error *error);

#endif
