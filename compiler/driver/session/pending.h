/* Data that a program names, being found and loaded in the background. */
#ifndef BOUTON_DRIVER_PENDING_H
#define BOUTON_DRIVER_PENDING_H

#include "bouton/compiler.h"
#include "session/source.h"

typedef struct pending_data {
    br_data_job *job;  /* NULL: nothing is being loaded */
    br_data_spec spec; /* what is being loaded, */
    char *folder;      /* and from where */
} pending_data;

/* Starts to load the data the program names: from --data, or else beside the file, or else from $BOUTON_DATA. Returns an
 * exit status and has said what went wrong when it isn't STATUS_DONE. */
int pending_begin(const command_line *cli, const network_source *source, pending_data *pending);

/* Waits for the data; -1 with the reason in *error. */
int pending_await(pending_data *pending, br_data **out, br_error *error);

/* Waits for data that nobody wants any more, and frees them. */
void pending_drop(pending_data *pending);

#endif
