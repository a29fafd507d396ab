/* `train --metrics` writes one JSON object per line and epoch. Its keys are phase (its name), epoch (from 1),
 * samples, error, accuracy, validation (null without that split), seconds (since training began),
 * samples_per_second, best, and with readouts `readouts`: the validation accuracy of each, by its layer. A file whose
 * name ends in .csv gets a header and rows with the same columns instead; what JSON has as null is empty there. */
#ifndef BOUTON_DRIVER_METRICS_H
#define BOUTON_DRIVER_METRICS_H

#include <jansson.h>
#include <stdio.h>

#include "bouton/runtime.h"
#include "options/cli.h"

/* The header of a table, without its end of line. */
#define METRICS_HEADER "phase,epoch,samples,error,accuracy,validation,seconds,samples_per_second,best,readouts"

bool metrics_are_csv(const char *path); /* NULL and "-" are not */

/* Opens the file of --metrics; *out is NULL if the option was not given, and standard output for "-". The first
 * `kept` epochs of an existing file stay when training resumes. */
int metrics_open(const command_line *cli, uint64_t kept, FILE **out);
json_t *metrics_json(const br_progress *progress);                   /* the object of one line; NULL: out of memory */
bool metrics_write(FILE *to, bool csv, const br_progress *progress); /* false: the line could not be written */
int metrics_close(const command_line *cli, FILE *file);

#endif
