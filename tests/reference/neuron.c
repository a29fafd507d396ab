/* Activation functions: the ramp, the logistic, and formulas. */
#include "neuron.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reference.h"

enum { STACK = 16, DRIVES_TO = 8, DRIVES_STEP = 256 };

const ref_formula ref_formulas[REF_FORMULAS] = {
    {"bump", "exp(0 - (x - alpha) * (x - alpha) * 8)", "0 x a - square 8 * - exp"},
    {"soft", "clamp((x - alpha) / (1 - alpha), 0, 1)", "x a - 1 a - / 0 1 clamp"},
    {"tent", "clamp(1 - abs(x - alpha) / 2, 0, 1)", "1 x a - abs 2 / - 0 1 clamp"},
    {"sink", "clamp(1.25 - (x - alpha), 0.125, 1)", "1.25 x a - - 0.125 1 clamp"},
    {"curve", "max(0, tanh(2 * (x - alpha)))", "0 2 x a - * tanh max"},
    {"bell", "1 / (1 + square(3 * x - alpha))", "1 1 3 x * a - square + /"},
    {"valley", "min(sqrt(0.0625 + square(x - alpha)), 1)", "0.0625 x a - square + sqrt 1 min"},
    {"steep", "logistic(6 * (x - alpha))", "6 x a - * logistic"},
    {"skew", "clamp(max(x, alpha) * exp(-min(x, 3)) + alpha * 0.5, 0, 1)",
     "x a max x 3 min ~ exp * a 0.5 * + 0 1 clamp"},
};

/* ---- dual numbers ---- */

typedef struct dual {
    double value, slope;
} dual;

static bool is(const char *word, size_t length, const char *wanted)
{
    return strlen(wanted) == length && strncmp(word, wanted, length) == 0;
}

/* f(v) and f'(v) */
static dual chain(dual v, double value, double derivative)
{
    return (dual){value, derivative * v.slope};
}

double ref_exp(double x)
{
    return exp(fmin(fmax(x, -87), 88));
}

static dual exponential(dual v)
{
    double value = ref_exp(v.value);
    return chain(v, value, value);
}

static dual hyperbolic(dual v)
{
    double value = tanh(v.value);
    return chain(v, value, 1 - value * value);
}

static dual logistic(dual v)
{
    double value = 1 / (1 + ref_exp(-v.value));
    return chain(v, value, value * (1 - value));
}

static dual root(dual v)
{
    double value = sqrt(v.value);
    return chain(v, value, value > 0 ? 1 / (2 * value) : 0);
}

static dual clamped(dual v, dual low, dual high, bool falls)
{
    if (v.value >= high.value)
        v = (dual){high.value, falls ? v.slope : high.slope};
    return v.value > low.value ? v : low;
}

/* Applies one word to the stack and returns the stack's new height. */
static int apply(const char *word, size_t length, dual *s, int height, dual x, double theta, bool falls)
{
    dual *a = &s[height - 1], *b = a;
    if (is(word, length, "x"))
        s[height++] = x;
    else if (is(word, length, "a"))
        s[height++] = (dual){theta, 0};
    else if (is(word, length, "~"))
        *a = chain(*a, -a->value, -1);
    else if (is(word, length, "square"))
        *a = chain(*a, a->value * a->value, 2 * a->value);
    else if (is(word, length, "abs"))
        *a = chain(*a, fabs(a->value), a->value < 0 ? -1 : 1);
    else if (is(word, length, "exp"))
        *a = exponential(*a);
    else if (is(word, length, "tanh"))
        *a = hyperbolic(*a);
    else if (is(word, length, "logistic"))
        *a = logistic(*a);
    else if (is(word, length, "sqrt"))
        *a = root(*a);
    else if (is(word, length, "clamp")) {
        height -= 2;
        s[height - 1] = clamped(s[height - 1], s[height], s[height + 1], falls);
    } else if (word[0] >= '0' && word[0] <= '9')
        s[height++] = (dual){strtod(word, NULL), 0};
    else {
        a--; /* two values */
        height--;
        if (is(word, length, "+"))
            *a = (dual){a->value + b->value, a->slope + b->slope};
        else if (is(word, length, "-"))
            *a = (dual){a->value - b->value, a->slope - b->slope};
        else if (is(word, length, "*"))
            *a = (dual){a->value * b->value, a->slope * b->value + a->value * b->slope};
        else if (is(word, length, "/"))
            *a = (dual){a->value / b->value, (a->slope * b->value - a->value * b->slope) / (b->value * b->value)};
        else if (is(word, length, "min"))
            *a = a->value < b->value ? *a : *b;
        else if (is(word, length, "max"))
            *a = a->value > b->value ? *a : *b;
        else
            abort();
    }
    return height;
}

static dual run(const ref_formula *formula, double drive, double theta, bool falls)
{
    dual stack[STACK];
    int height = 0;
    for (const char *word = formula->postfix; *word != '\0';) {
        size_t length = strcspn(word, " ");
        bool last = word[length] == '\0';
        height = apply(word, length, stack, height, (dual){drive, 1}, theta, last && falls);
        word += length + !last;
    }
    if (height != 1)
        abort();
    return stack[0];
}

double ref_formula_slope(const ref_formula *formula, double x, double theta, bool falls)
{
    return run(formula, x, theta, falls).slope;
}

double ref_steepest(const ref_formula *formula, double theta)
{
    double most = 0;
    for (int i = -DRIVES_TO * DRIVES_STEP; i <= DRIVES_TO * DRIVES_STEP; i++)
        most = fmax(most, fabs(ref_formula_slope(formula, (double)i / DRIVES_STEP, theta, false)));
    return most;
}

/* ---- neurons ---- */

double ref_neuron_level(const ref_neuron *neuron, double x, double theta)
{
    if (neuron->way == REF_WAY_LOGISTIC)
        return 1 / (1 + ref_exp(-neuron->k * (x - theta)));
    if (neuron->way == REF_WAY_FORMULA)
        return fmin(1, fmax(0, run(neuron->formula, x, theta, false).value));
    return ref_level(x, theta);
}

double ref_neuron_gate(const ref_neuron *neuron, double theta, double x, double change)
{
    double y = ref_neuron_level(neuron, x, theta), m = neuron->steepest;
    if (neuron->way == REF_WAY_LOGISTIC)
        return 4 / neuron->k * 4 * y * (1 - y) * change;
    if (neuron->way == REF_WAY_FORMULA)
        return fmin(1, fmax(-1, ref_formula_slope(neuron->formula, x, theta, change < 0) / m)) * change / m;
    return ref_gate(theta, x, change);
}
