/* Inference over many samples: a team shares them out in blocks, and each member has a workspace of its own. */
#ifndef BR_BLOCKS_H
#define BR_BLOCKS_H

#include "engine/workspace.h"

/* Follows work that may take long. `advance` is called on one thread with the samples that are done, of all; false stops
 * the work. */
typedef struct br_blocks_watch {
    bool (*advance)(void *user, uint64_t done, uint64_t total);
    void *user;
} br_blocks_watch;

typedef struct br_blocks {
    const br_network *network;
    const br_quantised *quantised; /* NULL: in floats */
    uint64_t count;                /* samples */
    uint32_t threads;              /* 0: every processor */

    /* Computes samples [first, first + n). Not 0, with *error filled in, ends the work of this member. */
    int (*compute)(void *user, const br_workspace *workspace, uint32_t member, uint64_t first, uint32_t n,
                   br_error *error);
    void *user;
    const br_blocks_watch *watch; /* NULL: the network's follower, if any, is told */
} br_blocks;

/* How many members the team has: no more than there are blocks. */
uint32_t br_blocks_members(const br_blocks *blocks);

/* Computes every block. If several members fail, the error is that of the first of them. 1: the watch stopped it. */
int br_blocks_run(const br_blocks *blocks, br_error *error);

#endif
