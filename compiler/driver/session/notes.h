/* Prints what reading data decided by itself, and what it found suspicious. */
#ifndef BOUTON_DRIVER_NOTES_H
#define BOUTON_DRIVER_NOTES_H

#include "bouton/runtime.h"
#include "options/cli.h"

/* Prints the notes of loaded data on standard error, in their order. */
void notes_print(const command_line *cli, const br_data *data);

/* The same for one of several files: a note that another file already had is left out. `*told` begins as NULL, and
 * br_told_free releases it. */
void notes_print_new(const command_line *cli, br_told **told, const char *path, const br_data *data);

#endif
