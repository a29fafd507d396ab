/* A model's schema, for people and as JSON: how its training samples were read. */
#ifndef BOUTON_DRIVER_SCHEMA_VIEW_H
#define BOUTON_DRIVER_SCHEMA_VIEW_H

#include <jansson.h>
#include <stdio.h>

#include "bouton/runtime.h"
#include "options/cli.h"

/* Prints the names of the classes, the preparation of pictures and a table of the columns; nothing for a schema without
 * them. */
int schema_print(const command_line *cli, const br_schema *schema, FILE *to);

/* NULL if memory runs out. */
json_t *schema_json(const br_schema *schema);

#endif
