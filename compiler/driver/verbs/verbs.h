/* One function per verb, each in a file of its name. It does the work, prints errors and returns the exit status. */
#ifndef BOUTON_DRIVER_VERBS_H
#define BOUTON_DRIVER_VERBS_H

#include "options/cli.h"

#define X(name, ...) int verb_##name(const command_line *cli);
VERBS(X)
#undef X

#endif
