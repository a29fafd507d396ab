/* The record of a training, MODEL.run.json: times and machine, which a model does not hold. */
#ifndef BOUTON_DRIVER_RECORD_H
#define BOUTON_DRIVER_RECORD_H

#include <jansson.h>

#include "bouton/runtime.h"

typedef struct run_record {
    json_t *all; /* NULL: there is none, or it is one of another training */
} run_record;

/* Reads the file beside the model. One that is missing, damaged or of another training is no error. */
void record_read(run_record *out, const char *model, const br_file_facts *facts);
void record_free(run_record *record);

/* Seconds since the training began at the end of epoch number `index` of the history, as the record has it; NAN:
 * unknown. */
double record_seconds(const run_record *record, const br_history *history, uint32_t index);

/* A text of an object of the record; NULL: there is none. */
const char *record_text(const run_record *record, const char *object, const char *key);

#endif
