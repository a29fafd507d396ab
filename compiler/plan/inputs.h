/* Inputs of dense layers: where they come from, and which of them no sample lights. */
#ifndef BC_INPUTS_H
#define BC_INPUTS_H

#include "bouton/lang.h"

/* The map that an input belongs to, as a number among the layer's sources, which lie end to end; *input becomes its
 * number there. */
uint32_t bc_source_of_input(const bl_program *program, const bl_layer *layer, uint64_t *input);

/* Whether an input of a layer is a value of the sample that counts as 0: `lit`, as in bc_artefact_options, says so. Inputs
 * of convolutions never are. `lit` may be NULL. */
bool bc_is_unlit(const bl_program *program, const bl_layer *layer, const uint8_t *lit, uint64_t input);

#endif
