/* Sizes and costs of a layer, for `info`, `bench` and editors. */
#ifndef BOUTON_DRIVER_LAYER_FACTS_H
#define BOUTON_DRIVER_LAYER_FACTS_H

#include "bouton/compiler.h"
#include "show/table.h"

uint64_t layer_places(const bl_layer *layer);      /* positions of the output; a dense layer has one */
uint64_t layer_connections(const bl_layer *layer); /* stored bounds: a shared filter counts once; pools have none */
uint64_t layer_thresholds(const bl_layer *layer);
uint64_t layer_values_read(const bl_layer *layer); /* by one sample */

/* Operations for one sample, as if every input were live. */
uint64_t layer_operations(const bl_program *program, const bl_layer *layer);
/* Of all layers of a network: bounds and thresholds, and operations. */
uint64_t network_parameters(const bl_program *program);
uint64_t network_operations(const bl_program *program);

/* Bytes of a layer's parameters in memory, padded. */
uint64_t layer_bytes(const bc_layer_plan *plan);

const char *layer_kind_name(const bl_layer *layer);
void layer_shape_cell(text_table *table, const bl_layer *layer);

#endif
