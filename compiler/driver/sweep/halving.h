/* Successive halving: all rows are trained for a part of their schedules, the better half for twice as long, and so on,
 * until one row is trained to its end. */
#ifndef BOUTON_DRIVER_HALVING_H
#define BOUTON_DRIVER_HALVING_H

#include "sweep/plan.h"

/* Trains the runs of the sweep, which are known to be finished or wait. Rows that are left keep their share in `trained`,
 * and their runs the accuracy at which they were paused. Returns as pool_train does. */
int halving_train(sweep *s);

#endif
