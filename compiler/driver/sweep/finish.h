/* The end of a sweep: scores that are still missing, the choice, the table and the expectation. */
#ifndef BOUTON_DRIVER_FINISH_H
#define BOUTON_DRIVER_FINISH_H

#include "sweep/view.h"

/* Reads the results of the runs that are finished; returns how many there are. */
size_t sweep_results(sweep *s);

/* Scores what a table needs of the models of finished runs, keeps that in their results, and chooses a row. 128 and the
 * signal's number: a signal came. */
int sweep_choose(sweep *s, sweep_choice *out);

/* Scores what the table needs of the models of finished runs, prints the table and checks --expect. */
int sweep_finish(sweep *s);

#endif
