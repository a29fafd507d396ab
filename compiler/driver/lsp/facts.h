/* What is told of a layer, for hovers and hints. */
#ifndef BOUTON_DRIVER_LSP_FACTS_H
#define BOUTON_DRIVER_LSP_FACTS_H

#include "lsp/analysis.h"

/* The layer that is declared at a place, with whatever is known of it; NULL: none. */
const bl_layer *lsp_layer_at(const lsp_analysis *analysis, bl_place name);

/* Writes "784 → 100, 78,400 connections". False: the layer's shape is unknown. */
bool lsp_write_shape(FILE *to, const bl_layer *layer);

/* Writes ", 313.6 kB, 392,600 operations" if the text has no errors. */
void lsp_write_costs(FILE *to, lsp_analysis *analysis, const bl_layer *layer);

#endif
