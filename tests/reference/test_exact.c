/* The reference itself: the small exact cases of docs/model.md, cases computed by hand, and the three identities. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>

#include "reference.h"

static void near(double got, double wanted, double within, int line)
{
    if (!(fabs(got - wanted) <= within))
        fail_msg("line %d: %.9g, wanted %.9g within %g", line, got, wanted, within);
}
#define NEAR(got, wanted)    near(got, wanted, 1e-6, __LINE__) /* state is float */
#define EXACT(got, wanted)   near(got, wanted, 1e-12, __LINE__)
#define ROUNDED(got, wanted) near(got, wanted, 5e-5, __LINE__) /* four digits given */

/* ---- the table of section 3 ---- */

static const struct drive_case {
    double theta, x, change;
    double printed, repaired; /* wanted change of the drive, for eta = 1 */
} drive_cases[] = {
    {.3, .65, +.2, +.14, +.14}, {.3, .65, -.2, -.14, -.14}, {.3, .1, 0, +.2, 0},
    {.3, -.5, -.1, +.73, 0},    {.3, 1.4, 0, -.4, 0},
};

static void drives_of_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof drive_cases / sizeof *drive_cases; i++) {
        const struct drive_case *c = &drive_cases[i];
        for (double eta = .25; eta <= 1; eta += .75) {
            double y = ref_level(c->x, c->theta);
            EXACT(ref_printed_drive_change(c->theta, c->x, y, c->change, eta), c->printed * eta);
            EXACT(eta * ref_gate(c->theta, c->x, c->change), c->repaired * eta);
        }
    }
    EXACT(ref_level(.65, .3), .5);
    EXACT(ref_level(-.5, .3), 0);
    EXACT(ref_level(1.4, .3), 1);
    EXACT(ref_gate(.3, 1.4, -.1), -.07); /* saturated, a smaller y is wanted */
    EXACT(ref_gate(.3, 1.4, +.1), 0);
}

static void thresholds_of_the_table(void **state)
{
    (void)state;
    ROUNDED(ref_printed_theta_target(.65, .5, +.2), -.1667);
    EXACT(ref_printed_theta_target(.65, .5, -.2), .5);
    ROUNDED(ref_theta_target(.65, .3, +.2), -.1667);
    EXACT(ref_theta_target(.65, .3, -.2), .5);
    EXACT(ref_theta_target(.65, .3, +9), (.65 - .98) / .02); /* y* stays off the pole */
}

static void bounds_of_the_table(void **state)
{
    (void)state;
    for (double alpha = .1; alpha < 1; alpha += .2) { /* o = 1: the target of eq. 12 is 1 for every wanted change */
        double g = ref_printed_gain(1, alpha);
        EXACT(g, 1);
        EXACT(ref_printed_alpha_target(1, g, +.05), 1);
        EXACT(ref_printed_alpha_target(1, g, -.05), 1);
    }
    EXACT(ref_printed_gain(.2, .5), 0);
    ROUNDED(ref_printed_alpha_target(.2, 0, -.05) - .5, -.2619); /* the contribution should shrink, yet alpha falls */
    EXACT(ref_printed_gain(.5, .2), .375);
    ROUNDED(ref_printed_alpha_target(.5, .375, .1), .0476);

    /* The same two cases under the repaired rule: the silent one stays, the live one moves a by -dg/q. */
    ref_layer layer = {.inputs = 1, .neurons = 1, .range_in = .5, .alpha_max = .5, .switches = true, .tau = .5};
    double silent = ref_v_of_alpha(.5, 1, .5), live = ref_v_of_alpha(.2, 1, .5);
    EXACT(ref_connection_step(&layer, silent, .2, .2, 1, 1, -.05), 0);
    double d = ref_connection_step(&layer, live, .5, .5, 1, 1, .1); /* the only input: its share is the whole .1 */
    EXACT(d, .1 / .5);
    EXACT(2 - (live + d), 1.05);
    ROUNDED(1 - 1 / 1.05, .0476);
    EXACT(1 - 1 / (2 - (live + d)), ref_printed_alpha_target(.5, .375, .1));
}

/* ---- the identities of section 2 ---- */

static double soft(double v, double t)
{
    return v - fmin(t, fmax(-t, v));
}

static void identities_hold(void **state)
{
    (void)state;
    for (double s = .3; s < .95; s += .3) {
        double a_max = 1 / (1 - s);
        for (double o = 0; o <= s; o += s / 16) {
            for (double alpha = 0; alpha <= s; alpha += s / 16) {
                double q = 1 - o, a = 1 / (1 - alpha), g = ref_printed_gain(o, alpha);
                EXACT(fmax(0, 1 - a * q), g); /* 1 */
                EXACT(1 / (1 - ref_printed_alpha_target(o, g, .01)) - 1 / (1 - (o - g) / (1 - g)), -.01 / q);
                for (int sign = -1; sign <= 1; sign += 2) { /* 2 */
                    double v = ref_v_of_alpha(alpha, sign, s), t = a_max - 1 / q;
                    EXACT(v, sign * (a_max - a));
                    EXACT(ref_contribution(o, fabs(v), sign, s), sign * g);
                    EXACT(q * soft(v, fmax(0, t)), sign * g);
                    EXACT(ref_contribution(0, fabs(v), sign, s), 0); /* 3 */
                }
            }
        }
    }
}

/* alpha_max below and above s = .5, in the form that stores the sign of v = 0. */
static void contributions_outside_the_range(void **state)
{
    (void)state;
    for (double alpha_max = .25; alpha_max < 1; alpha_max += .5) {
        for (double alpha = 0; alpha <= alpha_max; alpha += .05) {
            double v = ref_v_of_alpha(alpha, 1, alpha_max);
            EXACT(ref_contribution(.5, v, +1, alpha_max), ref_printed_gain(.5, alpha));
            EXACT(ref_contribution(.5, v, -1, alpha_max), -ref_printed_gain(.5, alpha));
        }
    }
    EXACT(ref_contribution(.5, 0, -1, .25), -1. / 3); /* v = 0, and yet it inhibits */
}

/* ---- forward and learning by hand ---- */

/* Two inputs, one hidden neuron, two outputs, s = .5. The alphas and signs keep every number below short. */
static ref_network small_network(ref_rule rule)
{
    static const ref_layer shapes[2] = {
        {.inputs = 2,
         .neurons = 1,
         .range_in = .5,
         .range_out = .5,
         .alpha_max = .5,
         .sum = REF_RAW,
         .gain = 1,
         .theta_max = .9,
         .switches = true,
         .tau = .5},
        {.inputs = 1,
         .neurons = 2,
         .range_in = .5,
         .range_out = .5,
         .alpha_max = .5,
         .sum = REF_RAW,
         .gain = 1,
         .theta_max = .9,
         .switches = true,
         .tau = .5},
    };
    static const float alpha[2][2] = {{0, .2f}, {.2f, 0}}, theta[2][2] = {{0}, {.25f, 0}};
    static const int8_t sign[2][2] = {{+1, -1}, {+1, -1}};
    ref_network network = {.rule = rule, .error = REF_HINGE, .sharpness = .1, .layer_count = 2};
    network.layers = calloc(2, sizeof *network.layers);
    assert_non_null(network.layers);
    for (int l = 0; l < 2; l++) {
        network.layers[l] = shapes[l];
        ref_layer_take(&network.layers[l]);
        ref_layer_set(&network, &network.layers[l], alpha[l], sign[l], theta[l]);
    }
    return network;
}

static const float small_in[2] = {.5f, .25f};

static void forward_by_hand(void **state)
{
    (void)state;
    ref_network network = small_network(REF_REPAIRED);
    ref_pass *passes = ref_passes_new(&network);
    ref_forward(&network, small_in, passes);
    /* g(.5, 0) = .5; g(.25, .2) = .05/.8 = .0625; x = .4375 = y; o = .21875 */
    NEAR(passes[0].x[0], .4375);
    NEAR(passes[0].y[0], .4375);
    NEAR(passes[0].o[0], .21875);
    /* g(.21875, .2) = .01875/.8 = .0234375, below theta .25; -g(.21875, 0) = -.21875 */
    NEAR(passes[1].x[0], .0234375);
    NEAR(passes[1].y[0], 0);
    NEAR(passes[1].x[1], -.21875);
    NEAR(passes[1].y[1], 0);
    network.layers[0].sum = REF_SCALED;
    network.layers[0].gain = 2;
    ref_forward(&network, small_in, passes);
    NEAR(passes[0].x[0], .4375 * sqrt(2));
    network.layers[0].sum = REF_SHARED;
    ref_forward(&network, small_in, passes);
    NEAR(passes[0].x[0], .4375 * 2 / .75);
    ref_forward(&network, (const float[2]){0, 0}, passes);
    EXACT(passes[0].x[0], 0);
    ref_passes_release(&network, passes);
    ref_network_release(&network);
}

static void errors_by_hand(void **state)
{
    (void)state;
    ref_network network = {.error = REF_HINGE, .sharpness = .1};
    const double x[3] = {.05, -.2, .03};
    double e[3];
    ref_output_error(&network, x, 3, 0, e);
    EXACT(e[0], .05);
    EXACT(e[1], 0);
    EXACT(e[2], -.13);
    network.floor = .06;
    ref_output_error(&network, x, 3, 0, e);
    EXACT(e[0], 0);
    EXACT(e[2], -.13);
    network = (ref_network){.error = REF_SOFTMAX, .sharpness = log(2)};
    ref_output_error(&network, (const double[3]){1, 0, 1}, 3, 2, e); /* 2 : 1 : 2 */
    EXACT(e[0], -(double).4f);
    EXACT(e[1], -(double).2f);
    EXACT(e[2], 1 - (double).4f);
    network.sharpness = 1;
    ref_output_error(&network, (const double[3]){30, 0, 0}, 3, 0, e);
    EXACT(e[0], 0); /* smaller than a float can show: 0 */
    assert_true(e[1] < 0);
}

/* One batch on the small network, label 0, hinge .1: e = .1 - .0234375 for output 0; x_1 < -.1: no error. */
static void learning_by_hand(void **state)
{
    (void)state;
    ref_network network = small_network(REF_REPAIRED);
    const double e = .1 - .0234375;
    ref_learn(&network, small_in, &(uint32_t){0}, 1, (const double[2]){.3, .05}, 1, (const bool[2]){true, true});
    /* Output: live (.21875 > .2), the only input: v = .75 + .05 e/(1 - .21875). Output 1: as it was. */
    NEAR(ref_v(&network.layers[1], 0, 0), .75 + .05 * e / .78125);
    NEAR(ref_v(&network.layers[1], 1, 0), -1);
    /* Hidden: the wanted change is .8 e, the neuron responds, theta 0. Shares .5/.75 and .25/.75; both live. */
    NEAR(ref_v(&network.layers[0], 0, 0), 1); /* 1 + a step up: at its bound */
    NEAR(ref_v(&network.layers[0], 0, 1), -.75 + .3 * .8 * e * .25 / (.75 * .75));
    ref_network_release(&network);
}

static void uncorrected_layers_stay(void **state)
{
    (void)state;
    ref_network network = small_network(REF_REPAIRED);
    ref_learn(&network, small_in, &(uint32_t){0}, 1, (const double[2]){.3, .05}, 1, (const bool[2]){true, false});
    NEAR(ref_v(&network.layers[1], 0, 0), .75);
    NEAR(ref_v(&network.layers[0], 0, 1), -.75 + .3 * .8 * (.1 - .0234375) * .25 / (.75 * .75));
    ref_network_release(&network);
}

/* A batch that holds a sample twice gives one step of twice the size, because both read the state before it. */
static void batches_read_one_state(void **state)
{
    (void)state;
    ref_network twice = small_network(REF_REPAIRED), doubled = small_network(REF_REPAIRED);
    const float in[4] = {.5f, .25f, .5f, .25f};
    const bool corrected[2] = {true, true};
    ref_learn(&twice, in, (const uint32_t[2]){0, 0}, 2, (const double[2]){.3, .05}, 1, corrected);
    ref_learn(&doubled, in, (const uint32_t[1]){0}, 1, (const double[2]){.3, .05}, 2, corrected);
    NEAR(ref_v(&twice.layers[0], 0, 1), ref_v(&doubled.layers[0], 0, 1));
    NEAR(ref_v(&twice.layers[1], 0, 0), ref_v(&doubled.layers[1], 0, 0));
    ref_network_release(&twice);
    ref_network_release(&doubled);
}

static void moves_by_hand(void **state)
{
    (void)state;
    static const struct {
        bool switches;
        double tau, alpha_min;
        float bound;
        int8_t sign;
        double d, wanted_bound;
        int wanted_sign;
    } cases[] = {
        {true, .5, 0, .25f, +1, -.5, .25, -1}, /* crosses zero */
        {true, .5, 0, .25f, -1, +.5, .25, +1},
        {true, .5, 0, 1.0f, +1, -1.5, .5, -1}, /* tau = alpha_max: crosses from any alpha */
        {false, .5, 0, .25f, +1, -.5, 0, +1},  /* no switching: stops at zero, keeps its sign */
        {true, .1, 0, .25f, +1, -.5, .25, -1}, /* alpha = 1 - 1/1.75 = .4286: .0714 from the top, within tau */
        {true, .05, 0, .25f, +1, -.5, 0, +1},  /* outside */
        {true, .05, 0, 0, +1, -.5, .5, -1},    /* at the top */
        {true, 0, 0, 0, +1, -.5, 0, +1},       /* 0 < 0 is false: does not cross */
        {true, .5, 0, .75f, +1, +.5, 1, +1},   /* a >= 1 */
        {true, .5, 0, .25f, +1, -9, 1, -1},    /* clipped on the other side */
        {true, .5, .2, .5f, -1, -.5, .75, -1}, /* alpha >= .2: |v| <= 2 - 1.25 */
        {true, .5, 0, .25f, +1, -.25, 0, +1},  /* reaches zero without crossing */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ref_layer layer = {
            .alpha_min = cases[i].alpha_min, .alpha_max = .5, .switches = cases[i].switches, .tau = cases[i].tau};
        float bound = cases[i].bound;
        int8_t sign = cases[i].sign;
        ref_connection_move(&layer, &bound, &sign, cases[i].d);
        NEAR(bound, cases[i].wanted_bound);
        assert_int_equal(sign, cases[i].wanted_sign);
    }
}

static void leak_moves_the_silent(void **state)
{
    (void)state;
    ref_layer layer = {.alpha_max = .5, .leak = .3};
    double silent = ref_v_of_alpha(.4, 1, .5), live = ref_v_of_alpha(.2, 1, .5);
    double whole = .1 * .25 / (.75 * .5); /* o .25 of a sum of .5 */
    EXACT(ref_connection_step(&layer, live, .25, .5, 1, 1, .1), whole);
    EXACT(ref_connection_step(&layer, silent, .25, .5, 1, 1, .1), .3 * whole);
    EXACT(ref_connection_step(&layer, live, .25, .5, 4, 1, .1), whole / 4);
    EXACT(ref_connection_step(&layer, live, 0, .5, 1, 1, .1), 0);
}

static void thresholds_learn_by_hand(void **state)
{
    (void)state;
    ref_network network = small_network(REF_REPAIRED);
    network.layers[0].theta_xi = .1;
    network.layers[1].theta_xi = .1;
    const double e = .1 - .0234375, theta = .25;
    ref_learn(&network, small_in, &(uint32_t){0}, 1, (const double[2]){.3, .05}, 1, (const bool[2]){true, true});
    /* Output 0: dy = e/.75, y = 0. Output 1: no error, no step. Hidden: dy = .8 e, y = .4375; clamped at 0. */
    double y = e / .75;
    NEAR(network.layers[1].theta[0], theta + .1 * ((.0234375 - y) / (1 - y) - theta));
    NEAR(network.layers[1].theta[1], 0);
    NEAR(network.layers[0].theta[0], 0);
    ref_network_release(&network);
}

/* ---- the rule as printed ---- */

/* (23) and (24): a batch that asks for 1, then one that asks for nothing, in which the means decay. */
static void means_by_hand(void **state)
{
    (void)state;
    ref_network network = {.momentum = .5, .layer_count = 1, .layers = calloc(1, sizeof(ref_layer))};
    assert_non_null(network.layers);
    ref_layer *layer = &network.layers[0];
    *layer = (ref_layer){.inputs = 1, .neurons = 1, .alpha_max = .5};
    ref_layer_take(layer);
    EXACT(ref_mean_step(&network, layer, 0, 1, .1), 1); /* the rate is in the sum already */
    EXACT(ref_mean_step(&network, layer, 0, 0, .1), .5);
    EXACT(ref_mean_step(&network, layer, 0, -1, .1), -.75);
    ref_layer_set(&network, layer, (const float[1]){.2f}, (const int8_t[1]){+1}, (const float[1]){0});
    EXACT(ref_mean_step(&network, layer, 0, 0, .1), 0);
    EXACT(ref_mean_step(&network, layer, 0, 1e-31, .1), 0); /* too small to count */
    network.adapts = true;
    network.adaptive = .75;
    layer->means->batches = 1;
    EXACT(ref_mean_step(&network, layer, 0, 1, .1), .1 / (1 + 1e-10)); /* m^ = r^ = 1, V = 2 - 1 */
    layer->means->batches = 2;
    EXACT(ref_mean_step(&network, layer, 0, 0, .1), .1 / 3 / (sqrt(3.0 / 7) + 1e-10)); /* m = 1/4, r = 3/16 */
    layer->alpha_min = .2;                                                             /* V = 2 - 1.25 */
    ref_layer_set(&network, layer, (const float[1]){.2f}, (const int8_t[1]){+1}, (const float[1]){0});
    layer->means->batches = 1;
    EXACT(ref_mean_step(&network, layer, 0, -1e-5, .1), -.075 / (1 + 1e-5)); /* nearly whatever the scale of the sum */
    ref_network_release(&network);
}

static void printed_moves_by_hand(void **state)
{
    (void)state;
    ref_layer layer = {.alpha_max = .99, .switches = true, .tau = .5};
    float alpha = .5f;
    int8_t sign = +1;
    ref_printed_move(&layer, &alpha, &sign, .2, -.05, .1, 0); /* weakened: the sign flips at once, and alpha falls */
    ROUNDED(alpha, .5 - .02619);
    assert_int_equal(sign, -1);
    alpha = .2f;
    ref_printed_move(&layer, &alpha, &sign, .5, -.1, 1, 0); /* inhibitory: a wanted decrease strengthens it */
    ROUNDED(alpha, .0476);
    assert_int_equal(sign, -1);
    ref_printed_move(&layer, &alpha, &sign, .5, -.4, 1, 0); /* target below 0, clamped to 0 */
    EXACT(alpha, 0);
    ref_printed_move(&layer, &alpha, &sign, 1, -.1, .5, 0); /* o = 1 moves alpha towards 1 */
    NEAR(alpha, .5);
    alpha = .25f;
    ref_printed_move(&layer, &alpha, &sign, 0, -.1, 1, 0); /* no input, no step */
    ref_printed_move(&layer, &alpha, &sign, .5, 0, 1, 0);  /* no wanted change, no step */
    EXACT(alpha, .25);
    alpha = 0;
    ref_printed_move(&layer, &alpha, &sign, .5, -.5, 1, 0); /* the pole: g + dg = 1 */
    EXACT(alpha, 0);
}

static void printed_feedback_by_hand(void **state)
{
    (void)state;
    EXACT(ref_printed_feedback(.5, .2, +1, .1, .1), .1 * (.475 * .8 + .2 - .5));
    EXACT(ref_printed_feedback(.5, .2, -1, .1, .1), -.1 * (.475 * .8 + .2 - .5));
    EXACT(ref_printed_feedback(.2, .5, +1, 0, .1), .1 * .3); /* silent: eta (alpha - o) */
}

/* Two inputs, one output, label 0: dy = 1 - y, so dx = eta (1 - x), divided in proportion to the inputs. */
static void printed_learning_by_hand(void **state)
{
    (void)state;
    ref_network network = {.rule = REF_PRINTED, .layer_count = 1};
    network.layers = calloc(1, sizeof *network.layers);
    assert_non_null(network.layers);
    network.layers[0] = (ref_layer){
        .inputs = 2, .neurons = 1, .range_in = 1, .range_out = 1, .alpha_max = .99, .switches = true, .tau = .99};
    ref_layer_take(&network.layers[0]);
    ref_layer_set(&network, &network.layers[0], (const float[2]){.2f, .5f}, (const int8_t[2]){+1, -1},
                  (const float[1]){0});
    ref_learn(&network, (const float[2]){.5f, .25f}, &(uint32_t){0}, 1, (const double[1]){.1}, .5,
              (const bool[1]){true});
    /* g = .375 and 0; x = y = .375; dx = .1 * .625; dc = 2/3 and 1/3 of it. */
    double dc = .0625 * 2 / 3, target = (.5 - (.375 + dc)) / (1 - (.375 + dc));
    NEAR(network.layers[0].bound[0], .2 + .5 * (target - .2));
    assert_int_equal(network.layers[0].sign[0], +1);
    dc = .0625 / 3; /* the inhibitory one should weaken, dg = -dc, and flips */
    target = (.25 + dc) / (1 + dc);
    NEAR(network.layers[0].bound[1], .5 + .5 * (target - .5));
    assert_int_equal(network.layers[0].sign[1], +1);
    ref_network_release(&network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drives_of_the_table),
        cmocka_unit_test(thresholds_of_the_table),
        cmocka_unit_test(bounds_of_the_table),
        cmocka_unit_test(identities_hold),
        cmocka_unit_test(contributions_outside_the_range),
        cmocka_unit_test(forward_by_hand),
        cmocka_unit_test(errors_by_hand),
        cmocka_unit_test(learning_by_hand),
        cmocka_unit_test(uncorrected_layers_stay),
        cmocka_unit_test(batches_read_one_state),
        cmocka_unit_test(moves_by_hand),
        cmocka_unit_test(leak_moves_the_silent),
        cmocka_unit_test(thresholds_learn_by_hand),
        cmocka_unit_test(means_by_hand),
        cmocka_unit_test(printed_moves_by_hand),
        cmocka_unit_test(printed_feedback_by_hand),
        cmocka_unit_test(printed_learning_by_hand),
    };
    return cmocka_run_group_tests_name("reference/exact", tests, NULL, NULL);
}
