/* The pieces of `bouton train` that are a subject of their own. */
#ifndef BOUTON_DRIVER_TRAIN_H
#define BOUTON_DRIVER_TRAIN_H

#include "session.h"

/* What a training did, for the report and the model file. */
typedef struct training {
    br_train_result result;
    uint64_t epochs_ended; /* of the whole schedule; a competing phase has one */
    uint32_t threads;      /* asked for; 0: every processor */
    int metrics_status;    /* of the --metrics file: lost lines don't cost the model */
} training;

/* Runs the schedule under the eyes of progress line, metrics and Ctrl-C. */
int training_run(const session *session, const br_data *data, training *out);

/* Scores what the file now holds, checks every `expect`, prints all of it. */
int training_report(const session *session, const br_data *data, const training *training, FILE *to);

#endif
