/* The time that is left of a whole schedule.
 *
 * Phases differ in what an epoch costs. What is left of the present phase goes on as fast as the phase went so far. Later
 * phases are weighed by their operations, and take as long for each as finished phases of their kind did. */
#ifndef BOUTON_DRIVER_PROGRESS_CLOCK_H
#define BOUTON_DRIVER_PROGRESS_CLOCK_H

#include "bouton/runtime.h"

typedef struct progress_clock {
    const br_schedule *schedule;
    const br_model *model;
    uint64_t samples;      /* of the training */
    uint32_t phase;        /* the present one */
    double share;          /* of it that is done, in [0, 1] */
    double share_begun;    /* of it that was done when this process began it */
    double seconds, begun; /* now, and when this process began the phase, since training began */
    double spent[2];       /* seconds of the phases that ended, by their kind */
    double work[2];        /* and their operations */
    bool told;
} progress_clock;

progress_clock progress_clock_new(const br_schedule *schedule, const br_model *model, uint64_t samples);

/* Takes what br_train tells; `epochs_done` counts the epochs that ended before this one, over the whole schedule. */
void progress_clock_tell(progress_clock *clock, uint64_t epochs_done, const br_progress *progress);

/* Seconds until the schedule ends; negative: not known yet. */
double progress_clock_left(const progress_clock *clock);

/* The epochs of a phase. A competing phase passes through its fields once. */
uint32_t progress_epochs(const br_phase *phase);

#endif
