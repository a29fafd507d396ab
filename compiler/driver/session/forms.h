/* Inference methods of layers: requested with --set plan.LAYER=METHOD, or chosen from the data. */
#ifndef BOUTON_DRIVER_FORMS_H
#define BOUTON_DRIVER_FORMS_H

#include "session/compiled.h"

/* Finds the layers that --set names and writes their methods to *forms, which the caller frees. Without such a
 * setting, *forms stays NULL. */
int forms_resolve(const command_line *cli, const bl_program *program, bc_form **forms);

/* Prints a table of the dense layers: method, the share of live inputs, and the share from which tiles are used. */
int forms_print(const command_line *cli, const compiled_network *compiled, FILE *to);

#endif
