/* Writes several files together: all of them are complete before the first one is renamed into place. */
#ifndef BOUTON_DRIVER_OUTPUTS_H
#define BOUTON_DRIVER_OUTPUTS_H

#include <stdio.h>

#include "bouton/runtime.h"
#include "options/cli.h"

enum { OUTPUTS_MOST = 8 };

typedef struct output_files {
    const command_line *cli;
    int count;
    char *paths[OUTPUTS_MOST];
    br_atomic_file *files[OUTPUTS_MOST];
    long sizes[OUTPUTS_MOST];
} output_files;

/* Opens one more file for writing; `runs` makes it executable. On failure, prints an error and returns NULL. */
FILE *outputs_open(output_files *all, const char *path, bool runs);

/* Renames all files into place and prints their names. After a failure, the remaining files are discarded. Both
 * functions free the files. */
int outputs_commit(output_files *all);
void outputs_discard(output_files *all);

#endif
