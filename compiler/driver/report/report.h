/* `bouton report`: one HTML file about a trained model, without scripts, that needs no network. */
#ifndef BOUTON_DRIVER_REPORT_H
#define BOUTON_DRIVER_REPORT_H

#include <stdio.h>

#include "bouton/lang.h"
#include "bouton/runtime.h"
#include "options/cli.h"

#define REPORT_MOST (2u << 20) /* bytes of a report */

/* Writes the report of a model to a file, whole or not at all, and says so on `to`. Prints an error where it can't. */
int report_make(const command_line *cli, const char *model, const char *path, FILE *to);

/* Writes a page about a training that goes on: its curves so far, which a browser reads again every few seconds.
 * `left`: seconds until the schedule ends; negative: unknown. */
typedef struct report_progress {
    const bl_program *program;
    const br_history *history;
    const br_progress *progress;
    double left;
} report_progress;
int report_follow(const command_line *cli, const report_progress *at, const char *path);

/* Writes a page in memory, and then to a file, whole or not at all; one above REPORT_MOST is refused. `said`: where to say
 * so; NULL: nowhere. An exit status. */
typedef int report_writer(FILE *to, void *user);
int report_page(const command_line *cli, const char *path, report_writer *write, void *user, FILE *said);

int verb_compare(const command_line *cli);

#endif
