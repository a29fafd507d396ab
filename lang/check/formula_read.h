/* Neuron formulas: each is read once, and proved for every layer that uses it. */
#ifndef BL_FORMULA_READ_H
#define BL_FORMULA_READ_H

#include "check/layer_parts.h"

typedef struct bl_neuron { /* a top-level `neuron` */
    const bl_node *node;
    bl_formula formula;
    const bl_place *places; /* one for each step */
    bool known;             /* the formula was read without errors */
    bool fired;             /* a layer of any network uses it */
} bl_neuron;

/* Reads every formula of the text. The constants must be evaluated. */
void bl_check_formulas(bl_checker *checker);

/* Proves a formula for the thresholds of a layer, and sets the layer's `steepest`. False, with a diagnostic: the level
 * leaves [0, 1], or the slope is 0. */
bool bl_judge_formula(const bl_layer_check *check, bl_neuron *neuron, bl_place fire);

/* Proves each formula that no layer uses for the default thresholds, and reports it as unused. */
void bl_check_unfired(bl_checker *checker);

#endif
