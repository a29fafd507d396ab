/* Evaluates a formula and its derivative by the drive (forward-mode differentiation). */
#include "formula/formula.h"

#include <math.h>

const bl_operation_kind bl_operation_kinds[BL_OPERATIONS] = {
#define OPERATION(id, spelling, operands, usage) {spelling, operands, usage},
#include "bouton/operation.def"
#undef OPERATION
};

/* The chain rule, for f(v) with the derivative f'(v). */
static bl_dual chained(double value, double derivative, bl_dual v)
{
    return (bl_dual){value, v.slope == 0 ? 0 : derivative * v.slope};
}

static bl_dual root(bl_dual v)
{
    double value = sqrt(v.value);
    return chained(value, value > 0 ? 0.5 / value : 0, v); /* the slope at 0 is infinite */
}

static bl_dual exponential(bl_dual v)
{
    double value = exp(fmin(fmax(v.value, BL_EXP_LEAST), BL_EXP_MOST));
    return chained(value, value, v);
}

static bl_dual hyperbolic(bl_dual v)
{
    double value = tanh(v.value);
    return chained(value, 1 - value * value, v);
}

static bl_dual logistic(bl_dual v)
{
    double value = 1 / (1 + exp(-v.value));
    return chained(value, value * (1 - value), v);
}

static bl_dual quotient(bl_dual a, bl_dual b)
{
    double value = a.value / b.value;
    return (bl_dual){value, (a.slope - value * b.slope) / b.value};
}

/* Between the bounds the slope is the value's own, outside it is the slope of the bound. */
static bl_dual clamped(bl_dual v, bl_dual low, bl_dual high)
{
    bl_dual below = v.value < high.value ? v : high;
    return below.value > low.value ? below : low;
}

bl_dual bl_step_apply(const bl_step *step, const bl_dual *of)
{
    switch (step->operation) {
    case BL_OPERATION_NEGATE:
        return (bl_dual){-of[0].value, -of[0].slope};
    case BL_OPERATION_ADD:
        return (bl_dual){of[0].value + of[1].value, of[0].slope + of[1].slope};
    case BL_OPERATION_SUBTRACT:
        return (bl_dual){of[0].value - of[1].value, of[0].slope - of[1].slope};
    case BL_OPERATION_MULTIPLY:
        return (bl_dual){of[0].value * of[1].value, of[0].slope * of[1].value + of[0].value * of[1].slope};
    case BL_OPERATION_DIVIDE:
        return quotient(of[0], of[1]);
    case BL_OPERATION_MIN:
        return of[0].value < of[1].value ? of[0] : of[1];
    case BL_OPERATION_MAX:
        return of[0].value > of[1].value ? of[0] : of[1];
    case BL_OPERATION_CLAMP:
        return clamped(of[0], of[1], of[2]);
    case BL_OPERATION_ABS:
        return of[0].value < 0 ? (bl_dual){-of[0].value, -of[0].slope} : of[0];
    case BL_OPERATION_SQUARE:
        return chained(of[0].value * of[0].value, 2 * of[0].value, of[0]);
    case BL_OPERATION_SQRT:
        return root(of[0]);
    case BL_OPERATION_EXP:
        return exponential(of[0]);
    case BL_OPERATION_TANH:
        return hyperbolic(of[0]);
    case BL_OPERATION_LOGISTIC:
        return logistic(of[0]);
    default: /* a number */
        return (bl_dual){step->number, 0};
    }
}

double bl_formula_level(const bl_formula *formula, double drive, double alpha, double *slope)
{
    bl_dual stack[BL_MAX_STACK + 3] = {{0}};
    uint32_t height = 0;
    for (uint32_t i = 0; i < formula->step_count; i++) {
        const bl_step *step = &formula->steps[i];
        height -= bl_operation_kinds[step->operation].operands;
        stack[height] = step->operation == BL_OPERATION_DRIVE   ? (bl_dual){drive, 1}
                        : step->operation == BL_OPERATION_ALPHA ? (bl_dual){alpha, 0}
                                                                : bl_step_apply(step, &stack[height]);
        height++;
    }
    *slope = isfinite(stack[0].slope) ? stack[0].slope : 0;
    return stack[0].value;
}
