/* Results as JSON. */
#ifndef BOUTON_DRIVER_JSON_H
#define BOUTON_DRIVER_JSON_H

#include <jansson.h>
#include <stdio.h>

#include "options/cli.h"

/* Writes a result with nine digits and a line's end, and releases it. `how`: further flags of jansson, or 0. A result
 * that is NULL, because memory ran out while it was made, is an error, which is printed. */
int json_deliver(const command_line *cli, json_t *result, size_t how, FILE *to);

#endif
