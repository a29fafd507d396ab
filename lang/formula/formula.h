/* Formulas of neurons: what a step computes, and what is known of them while a text is checked. */
#ifndef BL_FORMULA_H
#define BL_FORMULA_H

#include "base/text.h"

#include "bouton/lang.h"

typedef struct bl_operation_kind {
    const char *spelling;
    uint32_t operands;
    const char *usage; /* of a function; else "" */
} bl_operation_kind;

extern const bl_operation_kind bl_operation_kinds[BL_OPERATIONS];

/* A value and its derivative by the drive. */
typedef struct bl_dual {
    double value, slope;
} bl_dual;

/* One step on its operands, first one first. It is neither DRIVE nor ALPHA. */
bl_dual bl_step_apply(const bl_step *step, const bl_dual *operands);

/* Beyond these exp stays as it is: compiled code computes in floats. */
#define BL_EXP_LEAST -87.0
#define BL_EXP_MOST  88.0

/* `neuron NAME(x, alpha) = ...;` with as few parentheses as read back to the same steps. */
void bl_formula_text(bl_text *text, const bl_formula *formula);

#endif
