/* A correcting phase: epochs with labels. */
#ifndef BR_PHASE_CORRECT_H
#define BR_PHASE_CORRECT_H

#include "train/trainer.h"

/* Runs the phase from the trainer's position to its end, or until training is stopped. */
int br_correct_run(br_trainer *trainer, uint32_t phase_index, br_error *error);

#endif
