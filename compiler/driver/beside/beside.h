/* Pages about several models: those that a command names, or the runs of a sweep. */
#ifndef BOUTON_DRIVER_BESIDE_H
#define BOUTON_DRIVER_BESIDE_H

#include "options/cli.h"
#include "report/chart.h"

/* Write a page to a file, whole or not at all, and say so on standard output. Print an error where they can't; an exit
 * status. */
int beside_models(const command_line *cli, const char *path);
int beside_runs(const command_line *cli, const char *folder, const char *path);

#endif
