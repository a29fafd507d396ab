/* Parts of `bouton train`. */
#ifndef BOUTON_DRIVER_TRAIN_H
#define BOUTON_DRIVER_TRAIN_H

#include <jansson.h>

#include "session/session.h"

#define SAVE_EVERY_DEFAULT 30 /* seconds: writing and syncing a checkpoint then takes less than 1% of the time */

typedef struct training_score {
    bool scored;
    uint64_t right, samples;
} training_score;

/* The request and the outcome of a training, for the report, the record and the model file. */
typedef struct training_job {
    const char *model;      /* path of the model */
    const char *checkpoint; /* path of the checkpoint */
    bool keeps_old;         /* the model file holds another network's model, which is kept */
    br_file_facts facts;    /* of the model file, without the position */
    double save_every;      /* seconds between checkpoints; 0: at the end of each epoch */
    br_checkpoint *resume;  /* where training resumes; NULL: at the beginning */
    uint64_t resumed_at;    /* epochs ended before training resumed */
    training_score scores[BT_SPLITS];
    bool met; /* every expectation was met */
    br_train_result result;
    br_history *history;   /* of the epochs, those before a resumption included */
    uint64_t epochs_ended; /* of the whole schedule; a competing phase counts as one */
    uint32_t threads;      /* as requested; 0: every processor */
    bool together;         /* with ranks: all came to the end of br_train, or to the same failure */
    int metrics_status;    /* exit status of the --metrics file; lost lines do not stop training */
} training_job;

/* Refuses trained models and texts without a schedule. */
int training_check(const command_line *cli, const network_source *source);

/* Runs the schedule, with progress line, metrics and Ctrl-C. */
int training_run(const session *s, const br_data *data, training_job *out);

/* Scores the network as the model file holds it, checks every `expect`, and prints the results. */
int training_report(const session *s, const br_data *data, training_job *training, FILE *to);

/* The path of the model: -o, or else the network's name in the current folder. The caller frees it. */
char *training_model_path(const session *s);

/* Refuses paths that can't be written, and files that are not to be replaced, before data are loaded. Finds out whether
 * the old model is kept. */
int training_try_paths(const session *s, training_job *training);

/* Fills in the facts of the model file that are known before training. The encoder's numbers still belong to the
 * session; the caller frees the schema's text. */
int training_facts(const session *s, const br_data *data, br_file_facts *out);

/* Adds what training came to: the position, the lines of the text and the history. The caller frees both texts, which
 * are NULL after a failure. */
int training_complete_facts(const session *s, const training_job *training, br_file_facts *out);
void training_drop_facts(br_file_facts *facts);

/* Writes the model file. `try_only` does all of it but the last step, which puts the new file in the old one's place. */
int training_write_model(const session *s, const training_job *training, bool try_only);

/* Sets the position of a model file: the phase and the epochs that ended in it, of `ended` epochs of the schedule. */
void training_position(const br_schedule *schedule, uint64_t ended, br_file_facts *facts);

/* The model's path with another suffix. The caller frees it. */
char *training_path(const command_line *cli, const char *model, const char *ending);

/* With --resume, opens the checkpoint, if there is one, and prints its position. Without it, prints a note if a
 * checkpoint exists. */
int training_resume(const session *s, training_job *training);

/* The epochs of a history, for the record of the run. The times are null in one that comes from a model file. */
json_t *training_history(const session *s, const br_history *history);

/* Writes MODEL.run.json, the record of the run: arguments, versions, settings and results. */
int training_record(const session *s, const br_data *data, const training_job *training);

#endif
