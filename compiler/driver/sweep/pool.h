/* Trains the runs of a sweep, several at a time, with one line of progress for all of them. */
#ifndef BOUTON_DRIVER_POOL_H
#define BOUTON_DRIVER_POOL_H

#include "sweep/run.h"

/* Trains every run that waits, as far as the aim. The state of each tells how it ended; runs that failed are reported. Returns 128 and the
 * signal's number if a signal stopped the sweep, the status of the first run that failed, or STATUS_DONE. */
int pool_train(sweep *s, const run_aim *aim);

#endif
