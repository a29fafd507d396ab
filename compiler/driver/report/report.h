/* `bouton report`: one HTML file about a trained model, without scripts, that needs no network. */
#ifndef BOUTON_DRIVER_REPORT_H
#define BOUTON_DRIVER_REPORT_H

#include "options/cli.h"

#define REPORT_MOST (2u << 20) /* bytes of a report */

/* Writes the report of a model to a file, whole or not at all. Prints an error where it can't. */
int report_make(const command_line *cli, const char *model, const char *path);

/* Writes a page to a file, whole or not at all; refuses one above REPORT_MOST. */
int report_write(const command_line *cli, const char *path, const char *text, size_t size);

int verb_report(const command_line *cli);
int verb_compare(const command_line *cli);

#endif
