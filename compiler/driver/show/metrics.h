/* `train --metrics` writes one JSON object per line and epoch. Its keys are phase (its name), epoch (from 1),
 * samples, error, accuracy, validation (null without that split), seconds (since training began),
 * samples_per_second, best, and with readouts `readouts`: the validation accuracy of each, by its layer. */
#ifndef BOUTON_DRIVER_METRICS_H
#define BOUTON_DRIVER_METRICS_H

#include <stdio.h>

#include "bouton/runtime.h"
#include "options/cli.h"

/* Opens the file of --metrics; *out is NULL if the option was not given, and standard output for "-". The first
 * `kept` lines of an existing file stay when training resumes. */
int metrics_open(const command_line *cli, uint64_t kept, FILE **out);
bool metrics_write(FILE *to, const br_progress *progress); /* false: the line could not be written */
int metrics_close(const command_line *cli, FILE *file);

#endif
