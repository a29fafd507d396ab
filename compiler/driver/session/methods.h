/* Inference methods of layers: requested with --set plan.LAYER=METHOD, or chosen from the data. */
#ifndef BOUTON_DRIVER_METHODS_H
#define BOUTON_DRIVER_METHODS_H

#include "session/compiled.h"

/* Finds the layers that --set names and writes their methods to *methods, which the caller frees. Without such a
 * setting, *methods stays NULL. */
int methods_resolve(const command_line *cli, const bl_program *program, bt_method **methods);

/* Prints a table of the dense layers: method, the share of live inputs, and the share from which tiles are used. */
int methods_print(const command_line *cli, const compiled_network *compiled, FILE *to);

#endif
