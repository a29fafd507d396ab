/* Interval arithmetic over floats. Each operation of compiled code rounds once, and rounding is monotone. Ends that are
 * computed in double and rounded outwards to floats therefore enclose every float that the code can compute. */
#include "formula/interval.h"

#include <float.h>
#include <math.h>

#include "formula/formula.h"

static const double NEARLY = 4e-7; /* exceeds the error of compiled exp, tanh and logistic */

static double down(double value)
{
    if (value < -(double)FLT_MAX)
        return -INFINITY;
    float nearest = (float)fmin(value, FLT_MAX);
    return nearest > value ? nextafterf(nearest, -INFINITY) : nearest;
}

static double up(double value)
{
    return -down(-value);
}

bl_interval bl_interval_of(double low, double high)
{
    return (bl_interval){down(low), up(high)};
}

static bool contains(bl_interval of, double value)
{
    return of.low <= value && value <= of.high;
}

static bool unbounded(bl_interval of)
{
    return isinf(of.low) || isinf(of.high);
}

/* From the least to the largest of the results at the four pairs of ends. */
static bl_interval corners(const double *ends)
{
    double low = fmin(fmin(ends[0], ends[1]), fmin(ends[2], ends[3]));
    double high = fmax(fmax(ends[0], ends[1]), fmax(ends[2], ends[3]));
    return bl_interval_of(low, high);
}

static bl_interval_fault add(bl_interval a, bl_interval b, bl_interval *out)
{
    if ((a.high == INFINITY && b.low == -INFINITY) || (a.low == -INFINITY && b.high == INFINITY))
        return BL_INTERVAL_UNDEFINED;
    *out = bl_interval_of(a.low + b.low, a.high + b.high);
    return BL_INTERVAL_FINE;
}

static bl_interval_fault multiply(bl_interval a, bl_interval b, bl_interval *out)
{
    if ((contains(a, 0) && unbounded(b)) || (unbounded(a) && contains(b, 0)))
        return BL_INTERVAL_UNDEFINED;
    *out = corners((const double[]){a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high});
    return BL_INTERVAL_FINE;
}

static bl_interval_fault divide(bl_interval a, bl_interval b, bl_interval *out)
{
    if (contains(b, 0))
        return BL_INTERVAL_DIVISOR;
    if (unbounded(a) && unbounded(b))
        return BL_INTERVAL_UNDEFINED;
    *out = corners((const double[]){a.low / b.low, a.low / b.high, a.high / b.low, a.high / b.high});
    return BL_INTERVAL_FINE;
}

static bl_interval magnitude(bl_interval a)
{
    double most = fmax(fabs(a.low), fabs(a.high)), least = fmin(fabs(a.low), fabs(a.high));
    return (bl_interval){contains(a, 0) ? 0 : least, most};
}

static bl_interval smaller(bl_interval a, bl_interval b)
{
    return (bl_interval){fmin(a.low, b.low), fmin(a.high, b.high)};
}

static bl_interval larger(bl_interval a, bl_interval b)
{
    return (bl_interval){fmax(a.low, b.low), fmax(a.high, b.high)};
}

static double exponential(double value)
{
    return exp(fmin(fmax(value, BL_EXP_LEAST), BL_EXP_MOST));
}

/* The values of an increasing function that is computed inexactly but never leaves [least, most]. */
static bl_interval rising(double low, double high, double least, double most)
{
    return bl_interval_of(fmax(low - NEARLY, least), fmin(high + NEARLY, most));
}

static bl_interval_fault root(bl_interval a, bl_interval *out)
{
    if (a.low < 0)
        return BL_INTERVAL_ROOT;
    *out = bl_interval_of(sqrt(a.low), sqrt(a.high));
    return BL_INTERVAL_FINE;
}

static bl_interval function(const bl_step *step, const bl_interval *of)
{
    bl_interval size = magnitude(of[0]);
    switch (step->operation) {
    case BL_OPERATION_NEGATE:
        return (bl_interval){-of[0].high, -of[0].low};
    case BL_OPERATION_MIN:
        return smaller(of[0], of[1]);
    case BL_OPERATION_MAX:
        return larger(of[0], of[1]);
    case BL_OPERATION_CLAMP:
        return larger(smaller(of[0], of[2]), of[1]);
    case BL_OPERATION_ABS:
        return size;
    case BL_OPERATION_SQUARE:
        return bl_interval_of(size.low * size.low, size.high * size.high);
    case BL_OPERATION_EXP:
        return bl_interval_of(exponential(of[0].low) * (1 - NEARLY), exponential(of[0].high) * (1 + NEARLY));
    case BL_OPERATION_TANH:
        return rising(tanh(of[0].low), tanh(of[0].high), -1, 1);
    default: /* logistic */
        return rising(1 / (1 + exp(-of[0].low)), 1 / (1 + exp(-of[0].high)), 0, 1);
    }
}

bl_interval_fault bl_interval_apply(const bl_step *step, const bl_interval *of, bl_interval *out)
{
    bl_interval first = of[0]; /* `out` may point to it */
    switch (step->operation) {
    case BL_OPERATION_NUMBER:
        *out = bl_interval_of(step->number, step->number);
        return BL_INTERVAL_FINE;
    case BL_OPERATION_ADD:
        return add(first, of[1], out);
    case BL_OPERATION_SUBTRACT:
        return add(first, (bl_interval){-of[1].high, -of[1].low}, out);
    case BL_OPERATION_MULTIPLY:
        return multiply(first, of[1], out);
    case BL_OPERATION_DIVIDE:
        return divide(first, of[1], out);
    case BL_OPERATION_SQRT:
        return root(first, out);
    default:
        *out = function(step, of);
        return BL_INTERVAL_FINE;
    }
}
