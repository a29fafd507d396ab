/* The history of a training as columns of numbers, for charts over its epochs. A competition takes the width of one
 * epoch. */
#ifndef BOUTON_DRIVER_EPOCHS_H
#define BOUTON_DRIVER_EPOCHS_H

#include "bouton/lang.h"
#include "options/console.h"
#include "report/chart.h"

enum { EPOCHS_BORDERS = 64 };

typedef struct epoch_columns {
    double *all;                            /* holds the others */
    double *x, *error, *accuracy;           /* [count]; NAN where an epoch has none */
    double *validation, *live[CHART_LINES]; /* the same */
    uint32_t count, live_count;             /* live_count: layers */
    double borders[EPOCHS_BORDERS], x_most; /* between phases; the last epoch */
    uint32_t border_count;
    int64_t best; /* index of the last best epoch; -1: none */
} epoch_columns;

/* The history must fit the program and have an epoch. Prints an error if memory runs out. */
int epochs_take(epoch_columns *out, const command_line *cli, const bl_program *program, const br_history *history);
void epochs_free(epoch_columns *columns); /* empty is fine */

/* Whether a column has a number. */
bool epochs_has(const double *column, uint32_t count);

/* The ends of an axis that has all numbers of a column, beginning with `*least` and `*most`. */
void epochs_reach(const double *column, uint32_t count, double *least, double *most);

/* The axis of accuracies: from a whole tenth below all of them. The axis of other numbers ends a little above the largest. */
double epochs_bottom(double least);
double epochs_top(double most);

#endif
