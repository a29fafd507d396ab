/* The end of a sweep: scores that are still missing, the choice, the table and the expectation. */
#ifndef BOUTON_DRIVER_FINISH_H
#define BOUTON_DRIVER_FINISH_H

#include "sweep/plan.h"

/* Scores what the table needs of the models of finished runs, prints the table and checks --expect. */
int sweep_finish(sweep *s);

#endif
