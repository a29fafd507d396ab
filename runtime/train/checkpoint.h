/* A training's state on disk, from which it goes on with the same bits.
 *
 * A file is a head, the network's state, the best state so far where it is another one, what the filters of a running
 * competition won, and a CRC-32 of all before it. Everything lies there as it lies in memory. */
#ifndef BR_CHECKPOINT_H
#define BR_CHECKPOINT_H

#include "model/network.h"

typedef struct br_checkpoint_head { /* 8 bytes each, so that no hole is written */
    char magic[8];
    uint64_t bytes; /* of the whole file */
    /* what the run's bytes depend on */
    char version[32], cpu[64];
    uint64_t interface;
    uint64_t text, plan; /* hashes: of the network's text, of the layers' layout and forms */
    uint64_t seed, data;
    /* where it stands: see br_position */
    uint64_t phase, epoch, done, ended;
    uint64_t begun;  /* 1: the phase's layers are prepared and their forms chosen */
    uint64_t number; /* epochs begun before, over all phases: a stream lane */
    uint64_t right;  /* of this epoch so far */
    double error_sum;
    double best_accuracy;                  /* of this phase; negative: none */
    uint64_t has_best;                     /* 1: the best state follows */
    uint64_t drawn, image, mirrored, left; /* a competition's fields */
    uint64_t wins;                         /* counts that follow */
    /* br_train_result so far */
    uint64_t epochs, best_epoch, samples, idle_filters;
    double seconds, learn_seconds, validation;
} br_checkpoint_head;

struct br_checkpoint {
    char *path;
    br_checkpoint_head head;
    br_position position;
    br_network *network, *best; /* best NULL: none, or the same */
    bool *started;              /* [layer_count]: filters drawn from patches are there */
    uint64_t *wins;             /* [head.wins] */
};

/* Fills in what the run's bytes depend on. */
void br_checkpoint_identify(br_checkpoint_head *head, const br_model *model, const br_file_facts *facts);

/* Writes what `checkpoint` points at, its own path aside. */
int br_checkpoint_write(const char *path, br_checkpoint *checkpoint, br_error *error);

#endif
