/* Neuron formulas while a text is checked: each is read once, and judged for every layer that fires it. */
#ifndef BL_CHECK_FORMULA_H
#define BL_CHECK_FORMULA_H

#include "check/layer_parts.h"

typedef struct bl_neuron { /* a top-level `neuron` */
    const bl_node *node;
    bl_formula formula;
    const bl_place *places; /* of the steps */
    bool known;             /* it was read without an error */
    bool fired;             /* by a layer of any network */
} bl_neuron;

/* Reads every formula of the text. The constants have been evaluated. */
void bl_check_formulas(bl_checker *checker);

/* Judges a formula for a layer that fires it: its level must be in [0, 1], and must respond to the drive. Returns true
 * and sets the layer's `steepest`, or reports an error. */
bool bl_judge_formula(const bl_layer_check *check, bl_neuron *neuron, bl_place fire);

/* Judges and reports the formulas that no layer fires. */
void bl_check_unfired(bl_checker *checker);

#endif
