/* Forms of layers on the command line: asked for by --set plan.LAYER=FORM, and shown as data chose them. */
#ifndef BOUTON_DRIVER_FORMS_H
#define BOUTON_DRIVER_FORMS_H

#include "session/compiled.h"

/* Resolves what --set asks of the checked program's layers into *forms; NULL stays where nothing is asked. The caller
 * frees it. */
int forms_resolve(const command_line *cli, const bl_program *program, bc_form **forms);

/* A table of dense layers: form, share of live inputs it was chosen by, share from which tiles are taken. */
int forms_print(const command_line *cli, const compiled_network *compiled, FILE *to);

#endif
