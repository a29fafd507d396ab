/* The replicas of a phase (docs/model.md, section 18): learners with states of their own, which become one state again
 * after so many batches each. Between two merges nothing is shared that changes, so a thread or a rank that runs a
 * replica waits for no other.
 *
 *     br_replica_begin, br_learn_part ..., br_replica_end                     each replica, by any thread
 *     br_replicas_exchange                                                     one thread, ranks only
 *     br_replicas_merge                                                        all threads
 *     br_replicas_gather, br_replicas_take                                     one thread, then all; ranks only
 *
 * with a barrier after each line. */
#ifndef BR_REPLICAS_H
#define BR_REPLICAS_H

#include "model/merge.h"
#include "train/learn.h"

/* What a replica has learned since the last merge. */
typedef struct br_tally {
    uint64_t done, right; /* samples */
    double error_sum;
    uint64_t state; /* br_tally_state */
} br_tally;

typedef enum br_tally_state { BR_TALLY_WHOLE, BR_TALLY_LEFT, BR_TALLY_FAULT } br_tally_state;

typedef struct br_replica {
    br_network network; /* of its layers, only the states that the phase changes are its own */
    br_learner learner; /* one member */
    br_error fault;     /* found by checking code; kind BR_OK: none */
} br_replica;

/* One array of the state that is merged, at `at` of all values laid end to end. */
typedef struct br_merged {
    br_merge merge; /* without the arrays and the count */
    float *before;
    float **each; /* [own]: of the replicas of this rank */
    uint64_t at, count;
} br_merged;

typedef struct br_replicas {
    uint32_t count;      /* of all ranks; 0: the phase has one learner */
    br_part own;         /* those of this rank */
    br_replica *each;    /* [own] */
    br_tally *tallies;   /* [count] */
    br_network *network; /* the state of the last merge */
    br_merged *arrays;
    uint32_t array_count;
    uint64_t values;     /* of all arrays */
    float *roots;        /* br_merge_roots */
    const float **lists; /* [members][count]: where a member finds the states of the replicas */
    /* ranks: NULL, or the values of the own replicas for each rank, those of all replicas for this one, and the merged
     * state */
    const br_ranks *ranks;
    float *sent, *taken, *whole;
    uint64_t *send_bytes, *take_bytes; /* [size] */
} br_replicas;

/* Whether a phase has replicas. */
static inline bool br_has_replicas(const br_phase *phase)
{
    return phase->kind == BT_PHASE_CORRECT && phase->replicas > 1;
}

/* The replicas of a rank. */
br_part br_replicas_of(uint32_t replicas, const br_ranks *ranks);

/* `base` is the learner of the phase; its moments and weights are set, and it outlives the replicas. For a phase without
 * replicas, out->count is 0. `ranks` may be NULL. */
int br_replicas_new(br_learner *base, const br_phase *phase, uint32_t phase_index, const br_ranks *ranks,
                    br_replicas *out, br_error *error);
void br_replicas_free(br_replicas *replicas);

/* Bytes of a rank's replicas; UINT64_MAX: more than 64 bits. `members`: threads. */
uint64_t br_replicas_bytes(const br_model *model, const br_phase *phase, const br_ranks *ranks, uint32_t members);

/* The replica takes over the state of the last merge; `own` counts from 0 on each rank. */
void br_replica_begin(const br_replicas *replicas, uint32_t own);

/* With ranks, lays the replica's state ready for the exchange. */
void br_replica_end(br_replicas *replicas, uint32_t own);

int br_replicas_exchange(br_replicas *replicas, br_error *error);

/* Merges a member's part of the first `active` replicas: of all values, or of the rank's slice of them. */
void br_replicas_merge(br_replicas *replicas, uint32_t active, uint32_t members, uint32_t member);

int br_replicas_gather(br_replicas *replicas, br_error *error);
void br_replicas_take(br_replicas *replicas, uint32_t members, uint32_t member);

#endif
