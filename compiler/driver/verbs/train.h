/* The pieces of `bouton train` that are a subject of their own. */
#ifndef BOUTON_DRIVER_TRAIN_H
#define BOUTON_DRIVER_TRAIN_H

#include "session/session.h"

typedef struct training_score {
    bool scored;
    uint64_t right, samples;
} training_score;

/* What a training is asked for and what it did, for the report, the record and the model file. */
typedef struct training_job {
    const char *model;      /* path of the model, */
    const char *checkpoint; /* and of its checkpoint */
    br_file_facts facts;    /* of the model file, its position aside */
    double save_every;      /* seconds; 0: at each epoch's end */
    br_checkpoint *resume;  /* where to go on; NULL: at the beginning */
    uint64_t resumed_at;    /* epochs ended there */
    training_score scores[BT_SPLITS];
    bool met; /* every expectation */
    br_train_result result;
    uint64_t epochs_ended; /* of the whole schedule; a competing phase has one */
    uint32_t threads;      /* asked for; 0: every processor */
    int metrics_status;    /* of the --metrics file: lost lines don't cost the model */
} training_job;

/* Runs the schedule under the eyes of progress line, metrics and Ctrl-C. */
int training_run(const session *s, const br_data *data, training_job *out);

/* Scores what the file now holds, checks every `expect`, prints all of it. */
int training_report(const session *s, const br_data *data, training_job *training, FILE *to);

/* A file beside the model: its name with another ending. The caller frees it. */
char *training_beside(const command_line *cli, const char *model, const char *ending);

/* --resume: opens the checkpoint, if there is one, and says where it stands; without it says that there is one. */
int training_resume(const session *s, training_job *training);

/* Writes the run's record, MODEL.run.json: what was asked, with what, and what came out of it. */
int training_record(const session *s, const br_data *data, const training_job *training);

#endif
