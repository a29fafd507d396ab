/* One run of a sweep: a training as `bouton train` does it, on one thread, in a folder of its own. */
#ifndef BOUTON_DRIVER_RUN_H
#define BOUTON_DRIVER_RUN_H

#include "sweep/share.h"

/* Files of a run's folder. A run is finished when its result is there, which is written last. */
#define RUN_MODEL      "model.safetensors"
#define RUN_CHECKPOINT "model.checkpoint"
#define RUN_RESULT     "result.json"

/* How a run tells of itself. Both functions are called on its thread. */
typedef struct run_watch {
    void *user;
    bool (*progress)(void *user, double share); /* of the schedule that is done; false stops the run */
    void (*say)(void *user, message_kind kind, const char *text);
} run_watch;

/* Reads the result that a run has left. False: there is none, or it is not whole. */
bool run_read(const sweep *s, sweep_run *run);

/* Writes the result of a finished run. */
int run_write(const sweep *s, const sweep_run *run, br_error *error);

/* Trains a run, from its checkpoint if there is one, and scores its validation samples and, if `scores_test`, its test
 * samples. Returns the state in which it ends, RUN_FAILED with the reason in *error. Unless it is RUN_DONE or RUN_BUSY,
 * which means that another process is training the run, the same call goes on later. */
run_state run_train(sweep_share *share, sweep_run *run, bool scores_test, const run_watch *watch, br_error *error);

#endif
