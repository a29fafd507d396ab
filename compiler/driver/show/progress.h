/* Progress of a training: a line that is updated on a terminal, and one permanent line per epoch. */
#ifndef BOUTON_DRIVER_PROGRESS_H
#define BOUTON_DRIVER_PROGRESS_H

#include <stdio.h>

#include "bouton/runtime.h"
#include "show/progress_clock.h"
#include "show/ticker.h"

typedef struct progress_view {
    FILE *to;
    bool terminal;
    bool open;            /* the terminal shows a line that the next one overwrites */
    double shown_at;      /* seconds of training at the last update */
    uint64_t epochs_done; /* of the whole schedule */
    ticker *stage;        /* of a step without progress; NULL: none */
    progress_clock clock;
} progress_view;

/* The schedule and the model must outlive the view. `samples`: of the training. */
progress_view progress_new(FILE *to, const br_schedule *schedule, const br_model *model, uint64_t samples);
void progress_stage(progress_view *view, const char *what);                /* begins a step without progress */
void progress_advance(progress_view *view, uint64_t done, uint64_t total); /* in such a step, where its end is known */
void progress_show(progress_view *view, const br_progress *progress);
void progress_end(progress_view *view); /* ends a step, and clears the line that is updated */

/* Samples learned, or fields competed for, per second of this epoch. */
double progress_rate(const br_progress *progress);

#endif
