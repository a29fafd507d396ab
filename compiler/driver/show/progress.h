/* How training goes, for the eyes: a line that rewrites itself on a terminal, and one line that stays per epoch. */
#ifndef BOUTON_DRIVER_PROGRESS_H
#define BOUTON_DRIVER_PROGRESS_H

#include <stdio.h>

#include "bouton/runtime.h"

typedef struct progress_view {
    FILE *to;
    bool terminal;
    bool open;            /* a line is standing that the next one overwrites */
    double shown_at;      /* seconds of the last line that rewrote itself */
    uint64_t epochs_done; /* of the whole schedule */
    uint64_t epochs;
} progress_view;

progress_view progress_new(FILE *to, const br_schedule *schedule);
void progress_show(progress_view *view, const br_progress *progress);
void progress_end(progress_view *view); /* clears what is standing */

/* Epochs a phase ends: a competing one goes through its fields once. */
uint32_t progress_epochs(const br_phase *phase);

/* Samples learned from, or fields competed for, per second, in this epoch so far. */
double progress_rate(const br_progress *progress);

#endif
