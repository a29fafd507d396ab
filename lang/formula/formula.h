/* Formulas of neurons: their operations, the evaluation of a step, and their text. */
#ifndef BL_FORMULA_H
#define BL_FORMULA_H

#include "base/text.h"

#include "bouton/lang.h"

typedef struct bl_operation_kind {
    const char *spelling;
    uint32_t operands;
    const char *usage; /* of a function; "" for other operations */
} bl_operation_kind;

extern const bl_operation_kind bl_operation_kinds[BL_OPERATIONS];

/* A value and its derivative by the drive. */
typedef struct bl_dual {
    double value, slope;
} bl_dual;

/* Applies one step to its operands, given in order. The step is neither DRIVE nor ALPHA. */
bl_dual bl_step_apply(const bl_step *step, const bl_dual *operands);

/* exp is constant outside these bounds, because compiled code computes in floats. */
#define BL_EXP_LEAST -87.0
#define BL_EXP_MOST  88.0

/* Adds `neuron NAME(x, alpha) = ...;` with only the parentheses that the same steps need. */
void bl_formula_text(bl_text *text, const bl_formula *formula);

#endif
