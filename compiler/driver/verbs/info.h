/* Parts of `bouton info`. */
#ifndef BOUTON_DRIVER_INFO_H
#define BOUTON_DRIVER_INFO_H

#include "session/session.h"

/* Operations for one sample, as if every input were live. */
uint64_t info_operations(const bl_program *program, const bl_layer *layer);

/* Bytes of a layer's parameters in memory, padded. */
uint64_t info_bytes(const bc_layer_plan *plan);

/* Prints the network, its layers and a model's schema as JSON. */
int info_print_json(const session *s, const bc_plan *plan);

#endif
