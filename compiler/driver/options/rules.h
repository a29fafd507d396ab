/* Rules between the options and operands of one command line, checked before any file is read. */
#ifndef BOUTON_DRIVER_RULES_H
#define BOUTON_DRIVER_RULES_H

#include "options/cli.h"

/* Prints the first broken rule and returns STATUS_USAGE. The rules refuse options that exclude each other, an option
 * without another that it needs, an output that would replace an input, and an unknown target or processor. */
int option_rules_check(const command_line *cli);

#endif
