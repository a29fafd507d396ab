/* The grid of a sweep: every combination of the values that --set lists, and the seeds.
 *
 * Functions that fail print an error and return an exit status other than STATUS_DONE. */
#ifndef BOUTON_DRIVER_GRID_H
#define BOUTON_DRIVER_GRID_H

#include "bouton/lang.h"
#include "options/console.h"

#define SWEEP_RUNS_MOST 10000u /* combinations times seeds */

/* One name with its values. */
typedef struct sweep_axis {
    char *name;
    char **values; /* [count] */
    size_t count;
} sweep_axis;

typedef struct sweep_grid {
    sweep_axis *axes; /* [axis_count] */
    size_t axis_count;
    size_t row_count;
    size_t *points;  /* [row_count]: combinations, ascending; the values of the last axis change fastest */
    uint64_t *seeds; /* [seed_count], in the order given */
    size_t seed_count;
} sweep_grid;

/* Takes the axes and the seeds from the sweeps of the text, and from --set and --seeds, which replace them where both name
 * the same thing. Without seeds, there is the schedule's. */
int grid_new(const command_line *cli, const bl_program *program, sweep_grid *out);
void grid_free(sweep_grid *grid);

/* The value that a row has on an axis. */
const char *grid_value(const sweep_grid *grid, size_t row, size_t axis);

/* The settings of a row, as if each were given by --set: [axis_count] and their texts. Both are freed by
 * grid_settings_free. */
int grid_settings(const command_line *cli, const sweep_grid *grid, size_t row, option_setting **out);
void grid_settings_free(const sweep_grid *grid, option_setting *settings);

/* What tells a row from the others, such as "width=50, eta=0.1"; "" if there is only one row. The caller frees it. */
char *grid_label(const command_line *cli, const sweep_grid *grid, size_t row);

#endif
