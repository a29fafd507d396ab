/* Ranks: the processes that mpirun started to train one network together. */
#ifndef BOUTON_DRIVER_RANKS_H
#define BOUTON_DRIVER_RANKS_H

#include "bouton/ranks.h"
#include "options/cli.h"

typedef struct ranks_run ranks_run;

/* With --ranks, joins the ranks; *out is NULL without it. Several processes without --ranks are refused: they would train
 * the same network over one another. On failure, prints an error. On ranks other than 0, everything that is printed from
 * here on is kept back, and told by ranks_close where it is an error that rank 0 does not tell. */
int ranks_open(const command_line *cli, ranks_run **out);

/* NULL without ranks. */
const br_ranks *ranks_table(const ranks_run *run);

/* Threads for each rank where several share a machine; 0: every processor. */
uint32_t ranks_threads(const ranks_run *run);

/* Leaves the ranks with this rank's exit status. `together`: all ranks have come to the end of the training, or
 * to a failure that all know; otherwise a failure ends all ranks at once. Returns the status. */
int ranks_close(ranks_run *run, int status, bool together);

/* The library of a module for MPI beside the program, "openmpi" or "mpich"; false: there is none. */
bool ranks_module(const char *name, char *path, size_t size);

#endif
