/* A small model of maps without code, for tests of writing and reading model files. */
#ifndef MAPS_MODEL_H
#define MAPS_MODEL_H

#include <stdlib.h>

#include "bouton/runtime.h"

enum { FILTERS = 5, FIELD = 2 * 2 * 3, MAP_CLASSES = 2, MAP_LAYERS = 3 };

static void never_called(const br_layer_state *state, uint32_t a0, uint32_t a1, uint32_t b0, uint32_t b1)
{
    (void)state, (void)a0, (void)a1, (void)b0, (void)b1;
    abort(); /* model files need no kernel */
}

static const uint32_t input_index = BT_INPUT, edges_index = 0, cells_index = 1;

/* 4x3 places of 3 channels, padded to 4; competing filters of 2x2; a calibrated pool over all places; a readout. */
static const br_layer_code map_layers[MAP_LAYERS] = {
    {.name = "edges",
     .kind = BT_LAYER_CONV,
     .source_count = 1,
     .sources = &input_index,
     .shape.in = {4, 3, 3, 4, 48},
     .shape.out = {3, 2, FILTERS, 8, 48},
     .shape.field_height = 2,
     .shape.field_width = 2,
     .shape.stride = 1,
     .shape.inputs = FIELD,
     .layout.rows = 16,
     .shape.neurons = FILTERS,
     .layout.pitch = 8,
     .layout.lanes = 8,
     .parameters.range_in = 0.5f,
     .parameters.range_out = 0.5f,
     .parameters.alpha_max = 0.5f,
     .parameters.a_max = 2,
     .parameters.v_max = 1,
     .parameters.theta_max = 0.9f,
     .kernels.depress = never_called},
    {.name = "cells",
     .kind = BT_LAYER_POOL,
     .source_count = 1,
     .sources = &edges_index,
     .shape.in = {3, 2, FILTERS, 8, 48},
     .shape.out = {1, 1, FILTERS, 8, 8},
     .shape.field_height = 3,
     .shape.field_width = 2,
     .shape.stride = 1,
     .shape.neurons = FILTERS,
     .layout.pitch = 8,
     .layout.lanes = 8,
     .parameters.calibrates = 1,
     .parameters.calibrate = 1,
     .parameters.range_in = 0.5f,
     .parameters.range_out = 0.5f},
    {.name = "class",
     .source_count = 1,
     .sources = &cells_index,
     .shape.in = {1, 1, FILTERS, 8, 8},
     .shape.out = {1, 1, MAP_CLASSES, 8, 8},
     .shape.field_height = 1,
     .shape.field_width = 1,
     .shape.inputs = FILTERS,
     .layout.rows = 8,
     .shape.neurons = MAP_CLASSES,
     .layout.pitch = 8,
     .layout.lanes = 8,
     .parameters.range_in = 0.5f,
     .parameters.range_out = 0.5f,
     .parameters.alpha_max = 0.5f,
     .parameters.a_max = 2,
     .parameters.v_max = 1,
     .parameters.theta_max = 0.9f},
};

static const br_model maps = {.version = BR_INTERFACE_VERSION,
                              .layer_count = MAP_LAYERS,
                              .answer = MAP_LAYERS - 1,
                              .name = "maps",
                              .cpu = "generic",
                              .shape = {4, 3, 3},
                              .input_range = 0.5f,
                              .layers = map_layers};

#endif
