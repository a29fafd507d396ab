/* The reference's activation functions other than the ramp: cases computed by hand, slopes against differences, and the
 * same formulas as the project reads them from their text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bouton/lang.h"
#include "reference.h"

static const double AWAY = 1e-6;

static void near(double got, double wanted, double within, int line)
{
    if (!(fabs(got - wanted) <= within))
        fail_msg("line %d: %.9g, wanted %.9g within %g", line, got, wanted, within);
}
#define EXACT(got, wanted) near(got, wanted, 1e-12, __LINE__)

static const ref_formula *named(const char *name)
{
    for (size_t i = 0; i < REF_FORMULAS; i++)
        if (strcmp(ref_formulas[i].name, name) == 0)
            return &ref_formulas[i];
    fail_msg("no formula %s", name);
    return NULL;
}

static ref_neuron firing(const char *name, double theta)
{
    const ref_formula *formula = named(name);
    return (ref_neuron){.way = REF_WAY_FORMULA, .formula = formula, .steepest = ref_steepest(formula, theta)};
}

static void logistic_by_hand(void **state)
{
    (void)state;
    const ref_neuron neuron = {.way = REF_WAY_LOGISTIC, .k = 4};
    EXACT(ref_neuron_level(&neuron, .3, .3), .5);
    EXACT(ref_neuron_level(&neuron, .3 + log(3) / 4, .3), .75);
    EXACT(ref_neuron_gate(&neuron, .3, .3, .2), .2); /* the largest slope, k/4 */
    EXACT(ref_neuron_gate(&neuron, .3, .3 + log(3) / 4, .2), .2 * 4 * .75 * .25);
}

static void formulas_by_hand(void **state)
{
    (void)state;
    const ref_neuron bump = firing("bump", .05), sink = firing("sink", .05), tent = firing("tent", .05);
    EXACT(ref_neuron_level(&bump, .3, .3), 1);
    EXACT(ref_neuron_gate(&bump, .3, .3, .2), 0); /* slope 0 at the top */
    EXACT(ref_neuron_level(&bump, .8, .3), exp(-2));
    EXACT(ref_neuron_gate(&bump, .3, .8, .2), -8 * exp(-2) / (bump.steepest * bump.steepest) * .2);
    EXACT(sink.steepest, 1);
    EXACT(ref_neuron_level(&sink, .5, .25), 1);
    EXACT(ref_neuron_gate(&sink, .25, .25, .2), 0); /* at its upper end: only a decrease is possible */
    EXACT(ref_neuron_gate(&sink, .25, .25, -.2), .2);
    EXACT(ref_neuron_gate(&sink, .25, 9, -.2), 0); /* at its lower end */
    EXACT(tent.steepest, .5);
    EXACT(ref_neuron_gate(&tent, .25, .5, .2), -.4);
    EXACT(ref_neuron_gate(&tent, .25, 0, .2), .4);
}

/* clamp((x - theta)/(1 - theta), 0, 1) is the ramp. */
static void soft_is_the_ramp(void **state)
{
    (void)state;
    const ref_neuron soft = firing("soft", .3), ramp = {.way = REF_WAY_RAMP};
    static const double DRIVES[] = {-.5, .1, .31, .65, .99, 1.4};
    for (size_t i = 0; i < sizeof DRIVES / sizeof *DRIVES; i++) {
        EXACT(ref_neuron_level(&soft, DRIVES[i], .3), ref_neuron_level(&ramp, DRIVES[i], .3));
        for (int change = -1; change <= 1; change++)
            EXACT(ref_neuron_gate(&soft, .3, DRIVES[i], change), ref_neuron_gate(&ramp, .3, DRIVES[i], change));
    }
}

static void slopes_are_those_of_levels(void **state)
{
    (void)state;
    for (size_t f = 0; f < REF_FORMULAS; f++) {
        const ref_neuron neuron = firing(ref_formulas[f].name, .2);
        uint32_t compared = 0;
        for (double x = -7.9971; x < 8; x += .01) {
            double level = ref_neuron_level(&neuron, x, .2), slope = ref_formula_slope(neuron.formula, x, .2, false);
            double up = ref_neuron_level(&neuron, x + AWAY, .2) - level;
            double down = level - ref_neuron_level(&neuron, x - AWAY, .2);
            if (fabs(up - down) > 1e-3 * AWAY) /* a kink */
                continue;
            near(slope, (up + down) / (2 * AWAY), 1e-5 * (1 + fabs(slope)), __LINE__);
            assert_true(level >= 0 && level <= 1);
            compared++;
        }
        assert_true(compared > 1500);
    }
}

/* The postfix form and the text give the same values. */
static void texts_say_the_same(void **state)
{
    (void)state;
    for (size_t f = 0; f < REF_FORMULAS; f++) {
        const ref_neuron neuron = firing(ref_formulas[f].name, .05);
        char text[512];
        snprintf(text, sizeof text,
                 "neuron %s(x, alpha) = %s; network n { input vector(2); layer a = dense(2) { fire %s; } }",
                 ref_formulas[f].name, ref_formulas[f].text, ref_formulas[f].name);
        bl_context *context = bl_context_new();
        assert_non_null(context);
        assert_int_equal(bl_load_text(context, "neuron.btn", text, strlen(text)), 0);
        const bl_program *program = bl_check(context, NULL);
        assert_non_null(program);
        EXACT(program->layers[0].steepest, neuron.steepest);
        for (double x = -8; x <= 8; x += .01) {
            double slope, level = bl_formula_level(&program->formulas[0], x, .2, &slope);
            EXACT(level, ref_neuron_level(&neuron, x, .2));
            EXACT(slope, ref_formula_slope(neuron.formula, x, .2, false));
        }
        bl_context_free(context);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logistic_by_hand),   cmocka_unit_test(formulas_by_hand),
        cmocka_unit_test(soft_is_the_ramp),   cmocka_unit_test(slopes_are_those_of_levels),
        cmocka_unit_test(texts_say_the_same),
    };
    return cmocka_run_group_tests_name("reference/neuron", tests, NULL, NULL);
}
