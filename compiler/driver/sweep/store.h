/* FOLDER/sweep.json: what a sweep consists of, so that its table can be made from the folder alone. Every process of a
 * sweep writes the same bytes. */
#ifndef BOUTON_DRIVER_STORE_H
#define BOUTON_DRIVER_STORE_H

#include "sweep/plan.h"

/* Makes the folder if it is missing, and writes the file. */
int store_write(const sweep *s);

/* Reads the sweep of a folder. sweep_free frees *out, also after a failure. */
int store_read(const command_line *cli, const char *folder, sweep *out);

#endif
