/* The state of a training on disk. Training resumed from it gives the same bits.
 *
 * A file consists of a head, the network's state, the best state so far if it differs, the running means of a
 * correction's steps, the connections that a phase has pruned, the counts of a running competition, the history, and a
 * CRC-32 of everything before it. All fields have the byte order and the layout of memory. */
#ifndef BR_CHECKPOINT_H
#define BR_CHECKPOINT_H

#include "engine/prune.h"
#include "model/network.h"
#include "train/moments.h"

typedef struct br_checkpoint_head { /* 8 bytes each, so that the struct has no padding */
    char magic[8];
    uint64_t bytes; /* of the whole file */
    /* everything that the run's bytes depend on */
    char version[32], cpu[64];
    uint64_t interface;
    uint64_t text, plan; /* hashes of the network's text, and of the layers' layout and methods */
    uint64_t seed, data;
    /* the position; see br_position */
    uint64_t phase, epoch, done, ended;
    uint64_t begun;  /* 1: the phase's layers are prepared and their methods chosen */
    uint64_t number; /* epochs begun so far, over all phases: a random stream's lane */
    uint64_t right;  /* of this epoch so far */
    double error_sum;
    double best_accuracy;                  /* of this phase; negative: none */
    uint64_t has_best;                     /* 1: the best state follows */
    uint64_t drawn, image, mirrored, left; /* the position in the fields of a competition */
    uint64_t moments;                      /* 1: the means of the phase's steps follow */
    uint64_t masks;                        /* 1: the masks of the connections that the phase has pruned follow */
    uint64_t wins;                         /* number of counts that follow */
    uint64_t history;                      /* bytes of the history's text that follows */
    /* br_train_result so far */
    uint64_t epochs, best_epoch, samples, idle_filters;
    double seconds, learn_seconds, validation;
} br_checkpoint_head;

struct br_checkpoint {
    char *path;
    br_checkpoint_head head;
    br_position position;
    br_network *network, *best; /* best is NULL if there is none, or if it is the network's state */
    br_moments *moments;        /* NULL: none */
    br_masks *masks;            /* the same */
    bool *started;              /* [layer_count]: filters have been drawn from patches */
    uint64_t *wins;             /* [head.wins] */
    char *history;              /* the text of br_history_write with seconds, [head.history] and a 0; NULL: none */
};

/* Fills in everything that the run's bytes depend on. */
void br_checkpoint_identify(br_checkpoint_head *head, const br_model *model, const br_file_facts *facts);

/* Writes a checkpoint to `path`; checkpoint->path is not used. */
int br_checkpoint_write(const char *path, br_checkpoint *checkpoint, br_error *error);

#endif
