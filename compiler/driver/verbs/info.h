/* Parts of `bouton info`. */
#ifndef BOUTON_DRIVER_INFO_H
#define BOUTON_DRIVER_INFO_H

#include "session/session.h"

/* Prints the network, its layers and a model's schema as JSON. */
int info_print_json(const session *s, const bc_plan *plan);

#endif
