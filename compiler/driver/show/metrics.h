/* `train --metrics`: one JSON object per line and epoch. Keys: phase (its name), epoch (from 1), samples, error,
 * accuracy, validation (null without such a split), seconds (since training began), samples_per_second, best. */
#ifndef BOUTON_DRIVER_METRICS_H
#define BOUTON_DRIVER_METRICS_H

#include <stdio.h>

#include "bouton/runtime.h"
#include "options/cli.h"

/* *out is NULL where no --metrics was given; "-" is standard output. A file's first `kept` lines stay: those of a
 * training that goes on. */
int metrics_open(const command_line *cli, uint64_t kept, FILE **out);
bool metrics_write(FILE *to, const br_progress *progress); /* false: the line could not be written */
int metrics_close(const command_line *cli, FILE *file);

#endif
