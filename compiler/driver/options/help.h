/* Help texts, made from the tables. */
#ifndef BOUTON_DRIVER_HELP_H
#define BOUTON_DRIVER_HELP_H

#include <stdio.h>

#include "options/cli.h"

void help_program(FILE *to);
void help_verb(verb_id verb, FILE *to);

#endif
