/* Batches that pass through stages in order, several at once: each stage takes the batches one after the other, and takes
 * a batch once the stage below is through with it. Every member of a team takes whatever stage is ready. */
#ifndef BR_PIPELINE_H
#define BR_PIPELINE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "bouton/error.h"

typedef struct br_pipeline {
    uint32_t stages;
    uint32_t slots; /* batches that may wait in front of a stage, at least 1 */
    /* Runs one batch in one stage. Called by any member, for a stage by one at a time. */
    void (*run)(void *user, uint32_t stage, uint64_t batch);
    /* Called behind each run by the member that made it, by one member at a time. True: no further batch begins in the
     * lowest stage; those begun pass through all stages. */
    bool (*after)(void *user, uint32_t member, uint32_t stage, uint64_t batch);
    void *user;
    /* of a walk, under the lock */
    uint64_t batches; /* how many pass through */
    uint64_t *done;   /* [stages]: how many each stage is through with */
    bool *busy;       /* [stages] */
    pthread_mutex_t lock;
    pthread_cond_t changed;
} br_pipeline;

/* `stages`, `slots`, the functions and `user` are set by the caller. */
int br_pipeline_begin(br_pipeline *pipeline, br_error *error);
void br_pipeline_end(br_pipeline *pipeline);

/* By one member, before the others walk: the next walk takes so many batches. */
void br_pipeline_fill(br_pipeline *pipeline, uint64_t batches);

/* By all members: returns when the last batch is through the last stage. */
void br_pipeline_walk(br_pipeline *pipeline, uint32_t member);

#endif
