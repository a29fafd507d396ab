/* What a layer is and costs, in numbers that `info` and `bench` share. */
#ifndef BOUTON_DRIVER_LAYER_FACTS_H
#define BOUTON_DRIVER_LAYER_FACTS_H

#include "bouton/lang.h"
#include "show/table.h"

uint64_t layer_places(const bl_layer *layer);      /* of its output: where shared filters work */
uint64_t layer_connections(const bl_layer *layer); /* bounds kept: those of shared filters once; pools have none */
uint64_t layer_thresholds(const bl_layer *layer);
uint64_t layer_values_read(const bl_layer *layer); /* of one sample */

const char *layer_kind_name(const bl_layer *layer);
void layer_shape_cell(text_table *table, const bl_layer *layer);

#endif
