/* Progress of a training: a line that is updated on a terminal, and one permanent line per epoch. */
#ifndef BOUTON_DRIVER_PROGRESS_H
#define BOUTON_DRIVER_PROGRESS_H

#include <stdio.h>

#include "bouton/runtime.h"

typedef struct progress_view {
    FILE *to;
    bool terminal;
    bool open;            /* the terminal shows a line that the next one overwrites */
    double shown_at;      /* seconds of training at the last update */
    uint64_t epochs_done; /* of the whole schedule */
    uint64_t epochs;
} progress_view;

progress_view progress_new(FILE *to, const br_schedule *schedule);
void progress_show(progress_view *view, const br_progress *progress);
void progress_end(progress_view *view); /* clears the line that is updated */

/* The epochs of a phase. A competing phase passes through its fields once. */
uint32_t progress_epochs(const br_phase *phase);

/* Samples learned, or fields competed for, per second of this epoch. */
double progress_rate(const br_progress *progress);

#endif
