/* Ranks: processes, on one machine or on several, that run the same training and share out the replicas of its phases
 * (docs/model.md, section 18). The runtime exchanges bytes by these functions alone and knows no message library; the
 * command line fills the table in from MPI, and a test by threads of one process.
 *
 *     br_train_options options = {.ranks = &ranks, .facts = &facts};
 *     br_train(network, &schedule, data, &options, &result, &error);      // on every rank
 *
 * All ranks call the same functions in the same order with arguments that fit each other; each call ends when the bytes
 * for this rank have arrived. A function returns 0, or -1 with the reason in *error: BR_ERROR_IO if another rank is gone
 * or the exchange was given up. No function adds numbers up, so the bits do not depend on the message library.
 *
 * Threads: a table is used by one thread at a time, but not always by the same one. */
#ifndef BOUTON_RANKS_H
#define BOUTON_RANKS_H

#include "bouton/error.h"

BOUTON_BEGIN

typedef struct br_ranks {
    uint32_t rank, size; /* rank < size; rank 0 keeps the model, the checkpoints and the history */
    void *user;          /* the first argument of each function */
    /* Sends send_bytes[q] bytes to each rank q, from `send` on, one after the other in the order of the ranks, and
     * takes take_bytes[q] bytes from each into `take` in the same order. Both arrays have `size` elements. */
    int (*exchange)(void *user, const void *send, const uint64_t *send_bytes, void *take, const uint64_t *take_bytes,
                    br_error *error);
    /* `data` consists of bytes[q] bytes of each rank q, in order. Before the call its own are filled in, afterwards all. */
    int (*gather)(void *user, void *data, const uint64_t *bytes, br_error *error);
    /* Copies the bytes of rank 0 to all. */
    int (*share)(void *user, void *data, uint64_t bytes, br_error *error);
} br_ranks;

BOUTON_END
#endif
