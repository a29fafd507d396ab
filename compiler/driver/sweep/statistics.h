/* Means, standard deviations and paired differences of the rows of a sweep. */
#ifndef BOUTON_DRIVER_STATISTICS_H
#define BOUTON_DRIVER_STATISTICS_H

#include "sweep/plan.h"

/* Accuracies are in [0, 1]. */
typedef struct row_mean {
    size_t n;         /* runs that are scored */
    double mean;      /* n > 0 */
    double deviation; /* n > 1: standard deviation of the sample */
} row_mean;

/* Row minus first row, over the seeds that both have. */
typedef struct row_difference {
    size_t n;
    double mean; /* n > 0 */
    double half; /* n > 1: half of the 95 % interval, by Student's t */
} row_difference;

/* False: the run has no such score. A run that halving left counts with the accuracy at which it was paused. */
bool accuracy_of(const sweep *s, size_t row, size_t seed, bt_split split, double *out);

row_mean mean_of(const sweep *s, size_t row, bt_split split);
row_difference difference_of(const sweep *s, size_t row, bt_split split);

/* The row with the best mean on s->on, the first one of equals. False: a run of some row is missing. */
bool best_row(const sweep *s, size_t *out);

/* The run of a row and a seed, both as indices into the grid. */
sweep_run *run_of(const sweep *s, size_t row, size_t seed);

/* t for which Student's distribution with `freedom` degrees, at least 1, lies in [-t, t] with probability 0.95. */
double student_95(size_t freedom);

#endif
