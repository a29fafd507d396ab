/* Neurons defined by a formula: its value, and its derivative with respect to the drive by forward differentiation. */
#include "kernels/kernel.h"

/* A value and its derivative. A slope of NULL is 0, so terms that do not depend on the drive cost nothing. */
typedef struct dual {
    bc_value value, slope;
} dual;

static bc_value sum(bc_emit *e, bc_value a, bc_value b)
{
    return a && b ? bc_add(e, a, b) : a ? a : b;
}

static bc_value negated(bc_emit *e, bc_value slope)
{
    return slope ? bc_neg(e, slope) : NULL;
}

static bc_value scaled(bc_emit *e, bc_value slope, bc_value by)
{
    return slope ? bc_mul(e, slope, by) : NULL;
}

static bc_value chosen(bc_emit *e, bc_value condition, bc_value yes, bc_value no)
{
    if (!yes && !no)
        return NULL;
    bc_value zero = bc_splat_f32(e, 0);
    return bc_select(e, condition, yes ? yes : zero, no ? no : zero);
}

static dual quotient(bc_emit *e, dual a, dual b)
{
    bc_value value = bc_div(e, a.value, b.value);
    bc_value above = sum(e, a.slope, negated(e, scaled(e, b.slope, value)));
    return (dual){value, above ? bc_div(e, above, b.value) : NULL};
}

static dual smaller(bc_emit *e, dual a, dual b)
{
    bc_value less = bc_less(e, a.value, b.value);
    return (dual){bc_select(e, less, a.value, b.value), chosen(e, less, a.slope, b.slope)};
}

static dual larger(bc_emit *e, dual a, dual b)
{
    bc_value greater = bc_greater(e, a.value, b.value);
    return (dual){bc_select(e, greater, a.value, b.value), chosen(e, greater, a.slope, b.slope)};
}

/* Between the limits the slope is that of v, outside it is that of the limit. In lanes where `falls` is set, the slope
 * of v also holds at the upper limit. `falls` may be NULL. */
static dual clamped(bc_emit *e, dual v, dual low, dual high, bc_value falls)
{
    dual below = smaller(e, v, high);
    if (falls)
        below.slope = chosen(e, falls, v.slope, below.slope);
    return larger(e, below, low);
}

static dual magnitude(bc_emit *e, dual v)
{
    bc_value negative = bc_less(e, v.value, bc_splat_f32(e, 0));
    return (dual){bc_abs(e, v.value), chosen(e, negative, negated(e, v.slope), v.slope)};
}

/* The slope of a root at 0 is infinite; 0 is used instead. */
static dual root(bc_emit *e, dual v)
{
    bc_value value = bc_sqrt(e, v.value);
    bc_value slope = v.slope ? bc_div(e, bc_mul(e, v.slope, bc_splat_f32(e, 0.5)), value) : NULL;
    return (dual){value, chosen(e, bc_greater(e, value, bc_splat_f32(e, 0)), slope, NULL)};
}

static dual curved(bc_emit *e, bl_operation operation, dual v)
{
    bc_value one = bc_splat_f32(e, 1), value;
    if (operation == BL_OPERATION_EXP) {
        value = bc_exp_wide(e, v.value);
        return (dual){value, scaled(e, v.slope, value)};
    }
    if (operation == BL_OPERATION_TANH) {
        value = bc_tanh(e, v.value);
        return (dual){value, scaled(e, v.slope, bc_sub(e, one, bc_mul(e, value, value)))};
    }
    value = bc_logistic(e, v.value);
    return (dual){value, scaled(e, v.slope, bc_mul(e, value, bc_sub(e, one, value)))};
}

static dual apply(bc_emit *e, const bl_step *step, const dual *of, bc_value falls)
{
    switch (step->operation) {
    case BL_OPERATION_NUMBER:
        return (dual){bc_splat_f32(e, step->number), NULL};
    case BL_OPERATION_NEGATE:
        return (dual){bc_neg(e, of[0].value), negated(e, of[0].slope)};
    case BL_OPERATION_ADD:
        return (dual){bc_add(e, of[0].value, of[1].value), sum(e, of[0].slope, of[1].slope)};
    case BL_OPERATION_SUBTRACT:
        return (dual){bc_sub(e, of[0].value, of[1].value), sum(e, of[0].slope, negated(e, of[1].slope))};
    case BL_OPERATION_MULTIPLY:
        return (dual){bc_mul(e, of[0].value, of[1].value),
                      sum(e, scaled(e, of[0].slope, of[1].value), scaled(e, of[1].slope, of[0].value))};
    case BL_OPERATION_DIVIDE:
        return quotient(e, of[0], of[1]);
    case BL_OPERATION_MIN:
        return smaller(e, of[0], of[1]);
    case BL_OPERATION_MAX:
        return larger(e, of[0], of[1]);
    case BL_OPERATION_CLAMP:
        return clamped(e, of[0], of[1], of[2], falls);
    case BL_OPERATION_ABS:
        return magnitude(e, of[0]);
    case BL_OPERATION_SQUARE:
        return (dual){bc_mul(e, of[0].value, of[0].value), scaled(e, of[0].slope, bc_add(e, of[0].value, of[0].value))};
    case BL_OPERATION_SQRT:
        return root(e, of[0]);
    default:
        return curved(e, step->operation, of[0]);
    }
}

static const uint32_t operands[BL_OPERATIONS] = {
#define OPERATION(id, spelling, count, usage) count,
#include "bouton/operation.def"
#undef OPERATION
};

/* Only the last step gets `falls`: a clamp there is the saturation of the neuron. */
static dual run(bc_emit *e, const bl_formula *formula, dual x, bc_value theta, bc_value falls)
{
    dual stack[BL_MAX_STACK + 3] = {{0}};
    uint32_t height = 0;
    for (uint32_t i = 0; i < formula->step_count; i++) {
        const bl_step *step = &formula->steps[i];
        bool last = i + 1 == formula->step_count;
        height -= operands[step->operation];
        stack[height] = step->operation == BL_OPERATION_DRIVE   ? x
                        : step->operation == BL_OPERATION_ALPHA ? (dual){theta, NULL}
                                                                : apply(e, step, &stack[height], last ? falls : NULL);
        height++;
    }
    return stack[0];
}

bc_value bc_formula_level(bc_emit *e, const bc_kernel *k, bc_value x, bc_value theta)
{
    return run(e, k->plan->formula, (dual){x, NULL}, theta, NULL).value;
}

bc_value bc_formula_slope(bc_emit *e, const bc_kernel *k, bc_value x, bc_value theta, bc_value change)
{
    bc_value zero = bc_splat_f32(e, 0), falls = k->plan->gradient ? NULL : bc_less(e, change, zero);
    bc_value slope = run(e, k->plan->formula, (dual){x, bc_splat_f32(e, 1)}, theta, falls).slope;
    return slope ? bc_select(e, bc_finite(e, slope), slope, zero) : zero;
}
