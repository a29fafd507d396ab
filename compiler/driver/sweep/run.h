/* One run of a sweep: a training as `bouton train` does it, on one thread, in a folder of its own. */
#ifndef BOUTON_DRIVER_RUN_H
#define BOUTON_DRIVER_RUN_H

#include "sweep/share.h"

/* Files of a run's folder. A run is finished when its result is there, which is written last. */
#define RUN_MODEL      "model.safetensors"
#define RUN_CHECKPOINT "model.checkpoint"
#define RUN_RESULT     "result.json"
#define RUN_PAUSES     "pauses.json"

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

/* How far a run is trained. */
typedef struct run_aim {
    double until;     /* share of the schedule, in (0, 1]; 1: all of it. Below 1, it ends with an epoch */
    bool scores_test; /* at the end of the schedule; validation samples are always scored then */
} run_aim;

/* The accuracy on validation with which a run was paused at a share of its schedule. False: it was not. */
bool run_paused_at(const sweep *s, const sweep_run *run, double until, double *out);

/* Trains a run as far as its aim, from its checkpoint if there is one. Returns the state in which it ends, RUN_FAILED with the reason in *error. Unless it is RUN_DONE or RUN_BUSY,
 * which means that another process is training the run, the same call goes on later. */
run_state run_train(sweep_share *share, sweep_run *run, const run_aim *aim, const run_watch *watch, br_error *error);

/* The share of a row's schedule that is done where it is paused: a pause waits for the end of an epoch. */
double run_share_until(const sweep *s, size_t row, double until);

#endif
