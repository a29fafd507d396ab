/* The data that a program names, while they are loaded in the background. */
#ifndef BOUTON_DRIVER_PENDING_H
#define BOUTON_DRIVER_PENDING_H

#include "bouton/compiler.h"
#include "session/source.h"

typedef struct pending_data {
    br_data_job *job;  /* NULL: nothing is being loaded */
    br_data_spec spec; /* the data that are loaded */
    char *folder;      /* the folder that they are loaded from */
} pending_data;

/* Finds the spec and the folder of the program's data: --data, or else the folder of the file, or else $BOUTON_DATA. If
 * that fails, prints an error and returns an exit status other than STATUS_DONE. pending_forget frees both. */
int pending_prepare(const command_line *cli, const network_source *source, pending_data *pending);
void pending_forget(pending_data *pending);

/* Does the same, and starts to load the data. */
int pending_begin(const command_line *cli, const network_source *source, pending_data *pending);

/* Whether pending_begin would find every file without --data: beside the file, or in $BOUTON_DATA. Prints nothing. */
bool pending_found(const command_line *cli, const network_source *source);

/* Waits for the data. Returns -1 with the reason in *error on failure. */
int pending_await(pending_data *pending, br_data **out, br_error *error);

/* Waits for data that are no longer needed and frees them. */
void pending_drop(pending_data *pending);

#endif
