/* A sweep, planned: one checked text for each row of the grid, and a run for each row and seed.
 *
 * Functions that fail print an error and return an exit status other than STATUS_DONE. */
#ifndef BOUTON_DRIVER_PLAN_H
#define BOUTON_DRIVER_PLAN_H

#include "session/compiled.h"
#include "session/pending.h"
#include "sweep/grid.h"
#include "verbs/train.h"

/* Samples of one data block, as the sources hold them. */
typedef struct sweep_data {
    char *key;            /* the data block, the input and the classes; rows with the same key read the same samples */
    pending_data pending; /* the spec and the folder; no job */
    bool drawn;           /* some samples are drawn by the seed of the run */
    bool held_out;        /* the seed decides which samples are held out */
    uint64_t hash;        /* of the samples that are not drawn */
    br_raw *raw;          /* read for the hash; sharing takes it over. NULL: `drawn` */
} sweep_data;

/* Samples with the encodings of an input. */
typedef struct sweep_encoding {
    char *key;
    size_t data; /* index into the sweep's data */
    size_t row;  /* one whose input has the encodings */
    bool seeded; /* the seed decides them: by drawing, by holding out, or because encodings are learned from them */
} sweep_encoding;

/* One combination of settings. */
typedef struct sweep_row {
    command_line cli; /* as of `bouton train` with these settings */
    char *label;
    network_source source;
    bt_method *methods;
    const char *text; /* the resolved text, which the context owns */
    char *lines;      /* as model files store them */
    char *code_key;
    double trained;        /* share of the schedule at which halving left the row; 1: all of it */
    size_t code, encoding; /* rows with the same `code` share code; index into the sweep's encodings */
} sweep_row;

typedef enum run_state {
    RUN_WAITS,
    RUN_ELSEWHERE, /* of another shard */
    RUN_ACTIVE,
    RUN_DONE,
    RUN_STOPPED, /* by a signal */
    RUN_PAUSED,  /* trained as far as this step of halving goes */
    RUN_BUSY,    /* another process is training it */
    RUN_FAILED
} run_state;

/* What a finished run leaves in its folder. */
typedef struct run_result {
    training_score scores[BT_SPLITS];
    uint32_t epochs, best_epoch;
    double seconds;
} run_result;

typedef struct sweep_run {
    size_t row, seed; /* indices into the grid */
    char name[17];    /* of its folder: the hash of what decides the run */
    run_state state;
    double share; /* of the schedule that is done, in [0, 1] */
    run_result result;
    double paused_at; /* RUN_PAUSED: accuracy on validation, in [0, 1] */
} sweep_run;

typedef struct sweep {
    const command_line *cli;
    const char *path;   /* of the text; NULL for a sweep that was read from its folder */
    const char *folder; /* of the sweep */
    char *network;
    char *data_folder; /* where files of data lie; NULL: all samples are drawn */
    bt_split on;       /* the samples by which rows are compared */
    bool tested;       /* the data have test samples */
    bool halved;       /* halving left rows before their end */
    sweep_grid grid;
    sweep_row *rows; /* [grid.row_count]; of a sweep that was read from its folder, labels only */
    sweep_run *runs; /* [run_count]: all rows of the first seed, then of the next; so samples are shared */
    size_t run_count;
    sweep_data *data;
    size_t data_count;
    sweep_encoding *encodings;
    size_t encoding_count, code_count;
} sweep;

/* Checks every row, reads the data as far as names of folders need them, and names the runs. sweep_free frees *out, also
 * after a failure. */
int sweep_plan(const command_line *cli, const char *path, const char *folder, sweep *out);
void sweep_free(sweep *s);

/* A run's file: FOLDER/NAME/FILE. The caller frees it; NULL: out of memory, and reported. */
char *run_path(const sweep *s, const sweep_run *run, const char *file);

#endif
