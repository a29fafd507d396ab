/* Neuron formulas while a text is checked: read once, judged for every layer that fires them. */
#ifndef BL_CHECK_FORMULA_H
#define BL_CHECK_FORMULA_H

#include "check/layer_parts.h"

typedef struct bl_neuron { /* a top-level `neuron` */
    const bl_node *node;
    bl_formula formula;
    const bl_place *places; /* of the steps */
    bool known;             /* it could be read */
    bool fired;             /* by a layer of any network */
} bl_neuron;

/* Reads every formula of the text; constants are known. */
void bl_check_formulas(bl_checker *checker);

/* A layer fires it: is it in [0, 1] there, and does it respond? True where it serves; sets the layer's `steepest`. */
bool bl_judge_formula(const bl_layer_check *check, bl_neuron *neuron, bl_place fire);

/* Formulas that no layer fires are judged by themselves, and told. */
void bl_check_unfired(bl_checker *checker);

#endif
