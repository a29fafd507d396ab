/* The cache of winners: what fires in a frozen depressed layer, for every sample, as lists.
 *
 * A pool whose cells move behind such a layer reads other places in every epoch, so its output cannot be kept, and the
 * map that it reads is large. Few of its values are not 0: each is kept as its channel (u16) and its activation in 255
 * steps (u8). The pool of a sample is then a few thousand additions of whole numbers. */
#ifndef BR_WINNERS_H
#define BR_WINNERS_H

#include "data/batch.h"
#include "engine/blocks.h"
#include "engine/workspace_pool.h"

typedef struct br_winners {
    const br_network *network;
    br_gather gather;
    uint32_t pool;           /* the pool that reads the lists; layers from the next one on are computed */
    uint64_t count, kept;    /* entries: the samples, then, if they are mirrored, their mirror images; those kept */
    uint8_t **lists;         /* [count]: as winners.c lays them out; NULL: not kept */
    uint32_t members;        /* threads that may call br_winners_pool at the same time */
    br_workspace_pool spare; /* one for each member: samples whose lists are not kept; each NULL: all are */
    uint8_t **own;           /* [members]: room for a list of each */
    uint32_t **sums;         /* [members]: [places of the pool][in.channels]; the cells of each row and column */
} br_winners;

/* What lists are made of, and for. */
typedef struct br_winners_job {
    uint32_t pool;
    bool mirrored;                /* entry count + i is sample i mirrored */
    uint64_t bytes;               /* of memory for lists */
    uint32_t threads;             /* that make lists, and that may read them at the same time */
    const br_blocks_watch *watch; /* NULL: nobody follows the work */
} br_winners_job;

/* Whether `pool` can read lists: it sums or means over the cells of a grid, reads one layer alone of which at most
 * parameters.winners neurons fire at a place, is not depressed, and all layers behind it read it or each other. */
bool br_winners_served(const br_model *model, uint32_t pool);

/* Most bytes of the list of one sample. */
uint64_t br_winners_most(const br_model *model, uint32_t pool);

/* Makes the lists of as many samples as surely fit into `job->bytes`. The others are made again whenever they are read; the
 * numbers are the same. `samples` must outlive the cache. 1: the watch stopped it, and *out is empty. */
int br_winners_new(const br_network *network, const br_samples *samples, const br_winners_job *job, br_winners *out,
                   br_error *error);
void br_winners_free(br_winners *winners);

/* The pool's output for an entry, with the borders of its cells moved by `by`. Each thread has its own `member`. */
void br_winners_pool(const br_winners *winners, uint64_t entry, const int32_t by[2], uint32_t member, float *out);

#endif
