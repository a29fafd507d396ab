/* Charts with a line for each of several trainings. */
#ifndef BOUTON_DRIVER_BESIDE_LINES_H
#define BOUTON_DRIVER_BESIDE_LINES_H

#include "report/epochs.h"

enum { SIDE_LINES = 64 }; /* of one chart */

typedef enum side_measure { SIDE_VALIDATION, SIDE_TRAINING, SIDE_ERROR } side_measure;

/* One line of a chart. */
typedef struct side_line {
    const char *name;             /* of its group, for the key */
    const epoch_columns *columns; /* without epochs there is no line */
    uint32_t group;               /* lines of a group look alike */
    bool thick;
    bool marked; /* its best epoch gets a ring */
} side_line;

typedef struct side_chart {
    const char *title;        /* in words */
    const char *thick, *mark; /* what thick lines and rings are, for the key */
    side_measure measure;
} side_chart;

/* Draws the lines that have such a measure: the first SIDE_LINES of them. Returns how many have one; without any, there
 * is no chart. */
size_t side_lines(FILE *to, const side_chart *chart, const side_line *lines, size_t count);

#endif
