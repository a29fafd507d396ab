/* Several files written together: all of them are complete before the first one takes its place. */
#ifndef BOUTON_DRIVER_OUTPUTS_H
#define BOUTON_DRIVER_OUTPUTS_H

#include <stdio.h>

#include "bouton/runtime.h"
#include "options/cli.h"

enum { OUTPUTS_MOST = 4 };

typedef struct output_files {
    const command_line *cli;
    int count;
    char *paths[OUTPUTS_MOST];
    br_atomic_file *files[OUTPUTS_MOST];
    long sizes[OUTPUTS_MOST];
} output_files;

/* Opens one more file to write; NULL, having said why, where it can't be. `runs`: others may start it. */
FILE *outputs_open(output_files *all, const char *path, bool runs);

/* Puts all in their places and says so; on failure those not yet there are never seen. Frees either way. */
int outputs_commit(output_files *all);
void outputs_discard(output_files *all);

#endif
