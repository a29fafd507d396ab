/* What the runs of one process share: samples as read, samples encoded, and code. Each is made by the first run that needs
 * it, while others that need it wait, and freed behind the last one. Any thread may take and leave. */
#ifndef BOUTON_DRIVER_SHARE_H
#define BOUTON_DRIVER_SHARE_H

#include <pthread.h>

#include "sweep/plan.h"

typedef struct shared_thing shared_thing;

typedef struct share_list {
    shared_thing *list; /* [count] */
    size_t count;
} share_list;

typedef struct sweep_share {
    const sweep *s;
    uint32_t threads; /* for encoding samples, while other runs wait for them */
    pthread_mutex_t lock;
    pthread_cond_t made;
    share_list raws, samples, codes;
    size_t *of_samples; /* [run_count]: index into `samples` */
    br_told *told;      /* notes of reading that have been printed */
} sweep_share;

/* What a run takes. It belongs to the share. */
typedef struct run_share {
    const br_data *data;
    const br_encoder *encoder; /* NULL: the input has no encodings */
    const bc_code *code;
} run_share;

/* Prepares the share for those of the sweep's runs that wait. Prints an error if memory runs out. */
int share_new(sweep *s, uint32_t threads, sweep_share *out);
void share_free(sweep_share *share);

/* Takes what a run needs, and makes what is missing. -1, with *error: it can't be made. The run must leave it in either
 * case. */
int share_take(sweep_share *share, const sweep_run *run, run_share *out, br_error *error);

/* Ends a run's claim, also if it took nothing. */
void share_leave(sweep_share *share, const sweep_run *run);

#endif
