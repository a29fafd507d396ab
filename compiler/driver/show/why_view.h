/* What each input added to a class, for people; and the names of a sample's values. */
#ifndef BOUTON_DRIVER_WHY_VIEW_H
#define BOUTON_DRIVER_WHY_VIEW_H

#include <stdio.h>

#include "bouton/lang.h"
#include "options/cli.h"

/* Names of the values of a vector, from the columns of the training table: "height", "colour=red", "column 3". *out is
 * NULL if the input is no vector, or was no table. value_names_free releases it. Both print an error if memory runs
 * out. */
int value_names(const command_line *cli, const bl_input *input, const br_schema *schema, char ***out);
void value_names_free(const bl_input *input, char **names); /* NULL is fine */

/* The class that --why names: a name of the schema, or its number. BR_WHY_ANSWER without a name. */
int why_class(const command_line *cli, const bl_program *program, const br_schema *schema, uint32_t *out);

/* One line with the sums, then the values that added most, for and against. */
int why_print(const command_line *cli, const br_reason *reason, const br_schema *schema, FILE *to);

#endif
