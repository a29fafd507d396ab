/* Formulas of neurons: the steps of an expression, formulas that are refused, and correct levels and slopes. */
#include "test_help.h"

#include <math.h>

#include "formula/formula.h"
#include "formula/interval.h"

#define FIRED(neuron, properties) neuron " network n { input vector(4); layer a = dense(2) { fire f; " properties " } }"
#define F(formula)                FIRED("neuron f(x, alpha) = " formula ";", "")

static const bl_program *checked(bl_context **context, const char *text)
{
    *context = load(text);
    const bl_program *program = bl_check(*context, NULL);
    if (program == NULL)
        bl_write_diagnostics(*context, stderr, false);
    assert_non_null(program);
    return program;
}

static const struct {
    const char *text, *codes;
} REFUSED[] = {
    /* names, parameters, functions */
    {F("clamp(x, 0, 1)"), ""},
    {FIRED("neuron f(v, t) = clamp(v - t, 0, 1);", ""), ""},
    {FIRED("neuron f(alpha, x) = clamp(alpha - x, 0, 1);", ""), ""},
    {FIRED("neuron f(x) = clamp(x, 0, 1);", ""), "E0701"},
    {FIRED("neuron f(x, a, b) = clamp(x, 0, 1);", ""), "E0701"},
    {FIRED("neuron f(x, x) = clamp(x, 0, 1);", ""), "E0308"},
    {FIRED("neuron f(x, sum) = clamp(x, 0, 1);", ""), "E0203"},
    {"neuron ramp(x, alpha) = clamp(x, 0, 1); network n { input vector(4); layer a = dense(2); }", "E0203"},
    {"neuron logistic(x, alpha) = clamp(x, 0, 1); network n { input vector(4); layer a = dense(2); }", "E0203"},
    {"neuron graded(x, alpha) = clamp(x, 0, 1); network n { input vector(4); layer a = dense(2); }", "E0203"},
    {"neuron binary(x, alpha) = clamp(x, 0, 1); network n { input vector(4); layer a = dense(2); }", "E0203"},
    {FIRED("neuron f(x, alpha) = clamp(x, 0, 1); neuron f(x, alpha) = clamp(x, 0, 1);", ""), "E0308 W0712"},
    {F("clamp(y, 0, 1)"), "E0702"},
    {FIRED("let top = 1; neuron f(x, alpha) = clamp(x, 0, top);", ""), ""},
    {FIRED("neuron f(x, alpha) = clamp(x, 0, top); let top = 1;", ""), ""},
    {FIRED("let x = 1; neuron f(x, alpha) = clamp(x, 0, 1);", ""), ""},
    {FIRED("let top = 1 / 0; neuron f(x, alpha) = clamp(x, 0, top);", ""), "E0306"},
    {F("clip(x, 0, 1)"), "E0703"},
    {F("x(1)"), "E0703"},
    {F("clamp(x, 0)"), "E0704"},
    {F("clamp(x, 0, 1) * exp(1, 2) * foo(x) * bar"), "E0704 E0703 E0702"},
    {F("clamp(x, 0, 1e999)"), "E0106"},
    /* levels outside [0, 1], or undefined */
    {F("x"), "E0707"},
    {F("1 + clamp(x, 0, 1)"), "E0707"},
    {F("tanh(x)"), "E0707"},
    {F("exp(0 - x * (x - alpha))"), "E0707"},
    {F("exp(0 - (x - alpha) * (x - alpha) * 8)"), ""},
    {F("exp(-square(x - alpha))"), ""},
    {F("1 / x"), "E0708"},
    {F("clamp(x / (x - alpha), 0, 1)"), "E0708"},
    {F("clamp(x / 0, 0, 1)"), "E0708"},
    {F("clamp(x / (1 - alpha), 0, 1)"), ""},
    {F("1 / (1 + abs(x))"), ""},
    {FIRED("neuron f(x, t) = clamp(x / (0.95 - t), 0, 1);", ""), ""},
    {FIRED("neuron f(x, t) = clamp(x / (0.95 - t), 0, 1);", "neuron alpha 0.05 up to 0.95;"), "E0708"},
    /* in floats 1 + 1e-9 and 1 - 1e-9 are 1 */
    {F("clamp(1 / (1 + 1e-9 - clamp(x, 0, 1)), 0, 1)"), "E0708"},
    {FIRED("neuron f(x, t) = clamp(x / (1 - t), 0, 1);", "neuron alpha 0.05 up to 0.999999999;"), "E0708"},
    {F("clamp(sqrt(x), 0, 1)"), "E0709"},
    {F("clamp(sqrt(0 - 1) + x, 0, 1)"), "E0709"},
    {F("clamp(sqrt(max(x, 0)), 0, 1)"), ""},
    {F("clamp(exp(x) / (1 + exp(x)), 0, 1)"), ""},
    {F("clamp(square(exp(x)) / (1 + square(exp(x))), 0, 1)"), "E0710"},
    {F("clamp(square(exp(x)) - square(exp(0 - x)), 0, 1)"), "E0710"},
    {F("clamp(square(exp(x)) * clamp(x, 0, 1), 0, 1)"), "E0710"},
    /* the level does not depend on the drive */
    {F("alpha"), "E0706"},
    {F("0.5"), "E0706"},
    {F("clamp(x - x, 0, 1)"), "E0711"},
    {F("clamp(x, 1, 0)"), "E0711"},
    {F("clamp(x - 9, 0, 1)"), "E0711"},
    {F("clamp(x * 1e-7, 0, 1)"), "E0711"},
    {FIRED("neuron f(x, t) = clamp((t - 0.1) * x, 0, 1);", "neuron alpha 0.1;"), "E0711"},
    {FIRED("neuron f(x, t) = clamp((t - 0.1) * x, 0, 1);", "neuron alpha 0.2;"), ""},
    /* where a formula may be used */
    {"neuron f(x, alpha) = clamp(x, 0, 1); network n { input vector(4); layer a = dense(2); }", "W0712"},
    {"neuron f(x, alpha) = x; network n { input vector(4); layer a = dense(2); }", "W0712 E0707"},
    {FIRED("", ""), "E0415"},
    {"neuron f(x, alpha) = clamp(x, 0, 1); network m { input vector(4); layer a = dense(2) { fire f; } } "
     "network n { input vector(4); layer a = dense(2); }",
     ""},
    {FIRED("neuron f(x, alpha) = clamp(x, 0, 1);", "depress over filters;"), "E0429"},
    {FIRED("rule printed; neuron f(x, alpha) = clamp(x, 0, 1);", ""), "N0801"},
    {FIRED("rule gradient; neuron f(x, alpha) = clamp(x, 0, 1);", ""), ""},
};

static void refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof REFUSED / sizeof *REFUSED; i++)
        expect_codes(REFUSED[i].text, REFUSED[i].codes);
}

/* Too many steps, and too many values on the stack. */
static void limits(void **state)
{
    (void)state;
    enum { PARTS = 100 };
    char text[8192] = "neuron f(x, alpha) = clamp(x";
    for (int i = 0; i < PARTS; i++)
        strcat(text, " + x");
    strcat(text, ", 0, 1); network n { input vector(4); layer a = dense(2) { fire f; } }");
    expect_codes(text, "E0705");
    strcpy(text, "neuron f(x, alpha) = clamp(x");
    for (int i = 0; i < PARTS / 2; i++)
        strcat(text, " + (x");
    for (int i = 0; i < PARTS / 2; i++)
        strcat(text, ")");
    strcat(text, ", 0, 1); network n { input vector(4); layer a = dense(2) { fire f; } }");
    expect_codes(text, "E0705");
    strcpy(text, "neuron f(x, alpha) = clamp(x"); /* an expression of numbers alone is one step */
    for (int i = 0; i < PARTS; i++)
        strcat(text, i == 0 ? " + (1" : " * 1");
    strcat(text, ") - 1, 0, 1); network n { input vector(4); layer a = dense(2) { fire f; } }");
    expect_codes(text, "");
}

static void steps(void **state)
{
    (void)state;
    static const struct {
        const char *written, *read;
    } CASES[] = {
        {"exp(0 - (x - alpha) * (x - alpha) * 8)", "exp(0 - square(x - alpha) * 8)"},
        {"clamp(x * (x - alpha), 0, 2 - 1)", "clamp(x * (x - alpha), 0, 1)"},
        {"clamp(x - (alpha - (1 - alpha)) - 1, 0, 1)", "clamp(x - (alpha - (1 - alpha)) - 1, 0, 1)"},
        {"clamp((x - alpha) / (4 * (2 - alpha)) / 3, 0, 1)", "clamp((x - alpha) / (4 * (2 - alpha)) / 3, 0, 1)"},
        {"clamp(-(x + 1) * -x, 0, max(exp(0), 10%))", "clamp(-(x + 1) * -x, 0, 1)"},
        {"logistic(((x)) * -2)", "logistic(x * -2)"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        char text[512], wanted[256], *got = NULL;
        bl_context *context;
        snprintf(text, sizeof text, F("%s"), CASES[i].written);
        snprintf(wanted, sizeof wanted, "neuron f(x, alpha) = %s;", CASES[i].read);
        const bl_program *program = checked(&context, text);
        assert_int_equal(program->formula_count, 1);
        assert_true(program->layers[0].fire == BT_FIRE_FORMULA && program->layers[0].formula == 0);
        WRITTEN(got, bl_dump_formula(program->formulas, to));
        assert_string_equal(got, wanted);
        free(got);
        bl_context_free(context);
    }
}

static double softly(double x, double alpha)
{
    return fmin(fmax((x - alpha) / (1 - alpha), 0), 1);
}

static double bump(double x, double alpha)
{
    return exp(-8 * (x - alpha) * (x - alpha));
}

static double many(double x, double alpha)
{
    return fmin(fmax(tanh(x) * sqrt(1 + x * x) / (2 + fabs(x - 1)) - fmin(x, alpha), 0), fmax(.9, alpha / 2));
}

static double rising(double x, double alpha)
{
    return 1 / (1 + exp(-4 * (x - alpha)));
}

/* Levels agree with C's own functions, and slopes with differences of levels, except at kinks. */
static void levels_and_slopes(void **state)
{
    (void)state;
    static const struct {
        const char *formula;
        double (*level)(double x, double alpha);
        double steepest; /* at alpha 0.1 */
    } CASES[] = {
        {"clamp((x - alpha) / (1 - alpha), 0, 1)", softly, 1 / .9},
        {"exp(0 - (x - alpha) * (x - alpha) * 8)", bump, 2.4261226},
        {"logistic(4 * (x - alpha))", rising, 1},
        {"1 / (1 + exp(0 - 4 * (x - alpha)))", rising, 1},
        {"clamp(tanh(x) * sqrt(1 + square(x)) / (2 + abs(x - 1)) - min(x, alpha), 0, max(0.9, alpha / 2))", many, 0},
    };
    static const double AWAY = 1e-5, KINK = 1e-3;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        char text[512];
        bl_context *context;
        snprintf(text, sizeof text, FIRED("neuron f(x, alpha) = %s;", "neuron alpha 0.1;"), CASES[i].formula);
        const bl_program *program = checked(&context, text);
        const bl_formula *formula = program->formulas;
        double steepest = program->layers[0].steepest;
        if (CASES[i].steepest > 0)
            assert_true(fabs(steepest - CASES[i].steepest) < 1e-4);
        for (double x = -7.9973; x < 8; x += .01) {
            double slope, other, level = bl_formula_level(formula, x, .1, &slope);
            double up = bl_formula_level(formula, x + AWAY, .1, &other);
            double down = bl_formula_level(formula, x - AWAY, .1, &other), middle = (up - down) / (2 * AWAY);
            bool kink = fabs((up - level) - (level - down)) > KINK * AWAY;
            assert_true(fabs(level - CASES[i].level(x, .1)) < 1e-12);
            assert_true(kink || fabs(slope - middle) < 1e-4);
            assert_true(fabs(slope) <= steepest + 2e-2);
        }
        bl_context_free(context);
    }
}

/* The slope of a root at 0 is 0, and so is every slope that is not finite. */
static void slopes_at_kinks(void **state)
{
    (void)state;
    static const struct {
        const char *formula;
        double x, slope;
    } CASES[] = {
        {"sqrt(max(x, 0))", 0, 0},
        {"sqrt(max(x, 0))", .25, 1},
        {"sqrt(max(x, 0) * alpha) + x", .5, 1},
        {"0.5 + clamp(abs(x), -1, 0.4)", 0, 1},
        {"0.5 + clamp(abs(x), -1, 0.4)", -.25, -1},
        {"0.5 + clamp(abs(x), -1, 0.4)", .4, 0},
        {"x", 0, 0},
        {"x", .5, 1},
        {"x", 1, 0},
        {"min(x, 1 - x)", .25, 1},
        {"min(x, 1 - x)", .5, -1},
        {"max(x, 1 - x)", .5, -1},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        char text[512];
        double slope;
        snprintf(text, sizeof text, "neuron f(x, alpha) = clamp(%s, 0, 1);", CASES[i].formula);
        bl_context *context;
        strcat(text, " network n { input vector(4); layer a = dense(2) { fire f; } }");
        bl_formula_level(checked(&context, text)->formulas, CASES[i].x, 0, &slope);
        assert_true(slope == CASES[i].slope);
        bl_context_free(context);
    }
}

/* For any floats in the intervals of the operands, the result lies in the computed interval. */
static void intervals_enclose(void **state)
{
    (void)state;
    static const double ENDS[] = {-1e10, -90, -2.5, -1, -.3, 0, .1, .7, 1, 3, 88, 1e10};
    enum { COUNT = sizeof ENDS / sizeof *ENDS, INSIDE = 4 };
    uint64_t compared = 0;
    for (uint32_t operation = BL_OPERATION_NEGATE; operation < BL_OPERATIONS; operation++) {
        const bl_step step = {.operation = (bl_operation)operation};
        for (uint32_t i = 0; i < COUNT * COUNT * COUNT; i++) {
            uint32_t a = i % COUNT, b = i / COUNT % COUNT, c = i / COUNT / COUNT, next = (b + 3) % COUNT;
            double second = fmin(ENDS[b], ENDS[next]), third = fmax(ENDS[b], ENDS[next]);
            const bl_interval of[3] = {bl_interval_of(fmin(ENDS[a], ENDS[c]), fmax(ENDS[a], ENDS[c])),
                                       bl_interval_of(second, third), bl_interval_of(1, 2)};
            bl_interval out;
            if (bl_interval_apply(&step, of, &out) != BL_INTERVAL_FINE)
                continue;
            for (uint32_t at = 0; at <= INSIDE * INSIDE; at++) {
                double u = (double)(at % INSIDE) / (INSIDE - 1), w = (double)(at / INSIDE) / INSIDE;
                const bl_dual values[3] = {
                    {(1 - u) * of[0].low + u * of[0].high, 0}, {(1 - w) * of[1].low + w * of[1].high, 0}, {1 + u, 0}};
                double value = bl_step_apply(&step, values).value;
                assert_true((float)value >= (float)out.low && (float)value <= (float)out.high);
                compared++;
            }
        }
    }
    assert_true(compared > 100000);
}

static void faults(void **state)
{
    (void)state;
    const bl_interval around = {-1, 1}, above = {1, 2}, endless = {1, INFINITY}, both = {-INFINITY, INFINITY};
    const struct {
        bl_operation operation;
        bl_interval a, b;
        bl_interval_fault fault;
    } CASES[] = {
        {BL_OPERATION_DIVIDE, above, around, BL_INTERVAL_DIVISOR},
        {BL_OPERATION_DIVIDE, above, {0, 1}, BL_INTERVAL_DIVISOR},
        {BL_OPERATION_DIVIDE, above, endless, BL_INTERVAL_FINE},
        {BL_OPERATION_DIVIDE, endless, endless, BL_INTERVAL_UNDEFINED},
        {BL_OPERATION_MULTIPLY, around, endless, BL_INTERVAL_UNDEFINED},
        {BL_OPERATION_MULTIPLY, endless, {0, 0}, BL_INTERVAL_UNDEFINED},
        {BL_OPERATION_MULTIPLY, above, both, BL_INTERVAL_FINE},
        {BL_OPERATION_ADD, both, endless, BL_INTERVAL_UNDEFINED},
        {BL_OPERATION_ADD, endless, endless, BL_INTERVAL_FINE},
        {BL_OPERATION_SUBTRACT, endless, endless, BL_INTERVAL_UNDEFINED},
        {BL_OPERATION_SUBTRACT, endless, above, BL_INTERVAL_FINE},
        {BL_OPERATION_SQRT, around, above, BL_INTERVAL_ROOT},
        {BL_OPERATION_SQRT, endless, above, BL_INTERVAL_FINE},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const bl_interval of[3] = {CASES[i].a, CASES[i].b, above};
        bl_interval out = {0};
        assert_int_equal(bl_interval_apply(&(bl_step){.operation = CASES[i].operation}, of, &out), CASES[i].fault);
        assert_false(isnan(out.low) || isnan(out.high));
    }
    bl_interval grown = bl_interval_of(-1e39, 1e39);
    assert_true(isinf(grown.low) && isinf(grown.high)); /* a float overflows there */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refused),         cmocka_unit_test(limits),
        cmocka_unit_test(steps),           cmocka_unit_test(levels_and_slopes),
        cmocka_unit_test(slopes_at_kinks), cmocka_unit_test(intervals_enclose),
        cmocka_unit_test(faults),
    };
    return cmocka_run_group_tests_name("lang/formula", tests, NULL, NULL);
}
