/* Compiled random networks against the scalar reference, from text to machine code.
 *
 * After one batch every tensor and every level must agree to 1e-5 of the tensor's largest value. After fifty batches
 * tensors must agree to 1e-3 in length, because one rounding may then decide whether a connection is live. The effect
 * of roundings is measured: twins of the reference, whose numbers differ by a few roundings, run too. If the twins
 * differ from the reference by more, a multiple of their distance is allowed. Such comparisons are counted and must be
 * few. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../reference/random_network.h"
#include "bouton/compiler.h"
#include "cpu_levels.h"
#include "fewer.h"
#include "train/learn.h"

enum { BATCHES = 50, TWINS = 4, FORMS = 16 };
static const double within_one = 1e-5, within_many = 1e-3;
static const double nothing = 1e-20;  /* smaller levels, far out on a formula's tail, count as 0 */
static const double nudge = 1e-6;     /* relative change of a twin's numbers: some ten roundings */
static const double twins_apart = 10; /* allowed distance in units of the twins' distance, where that is more */
static const double sensitive = 0.02; /* largest share of comparisons that may need the twins */

/* The networks of one test. The rule of each is drawn (repaired or printed), unless it is the gradient. */
typedef struct choice {
    bool gradient;
    uint32_t networks, every_level; /* every `every_level`th network runs on all processor levels */
} choice;

/* ---- both sides of one network ---- */

typedef struct pair {
    random_network random;
    bl_context *context;
    bc_code *code;
    br_schedule schedule;
    br_network *network;
    br_moments *moments; /* NULL: none */
    ref_network twins[TWINS];
    float *in, *nudged; /* one batch */
    uint32_t *labels;
    ref_random nudges;         /* a generator of their own, so that the number of twins changes no network */
    uint32_t compared, leaned; /* comparisons, and how many needed the twins */
} pair;

static void fail_diagnosed(const pair *p)
{
    bl_write_diagnostics(p->context, stderr, false);
    fail_msg("the checker refused:\n%s", p->random.text);
}

/* Every second network uses tiles in all layers that support them, the others event lists. */
static void force_forms(const bl_program *program, bt_method form, bt_method *forms)
{
    assert_true(program->layer_count <= FORMS);
    for (uint32_t l = 0; l < program->layer_count; l++)
        forms[l] = bc_method_served(program, l, form) ? form : BT_METHOD_EVENTS;
}

static void compile(pair *p, const char *cpu, bt_method form)
{
    br_error error = {0};
    bt_method forms[FORMS];
    const bc_options options = {.cpu = cpu, .level = 2, .methods = forms};
    p->context = bl_context_new();
    assert_non_null(p->context);
    assert_int_equal(bl_load_text(p->context, "random.btn", p->random.text, strlen(p->random.text)), 0);
    const bl_program *program = bl_check(p->context, NULL);
    if (!program)
        fail_diagnosed(p);
    force_forms(program, form, forms);
    if (bc_compile(program, &options, &p->code, &error) != 0 || bc_lower_schedule(program, &p->schedule, &error) != 0 ||
        br_network_new(bc_code_model(p->code), &p->network, &error) != 0 ||
        br_moments_new(bc_code_model(p->code), &p->schedule.phases[0], &p->moments, &error) != 0)
        fail_msg("%s\n%s", error.message, p->random.text);
}

/* Sets the state drawn last on every side. */
static void set_state(pair *p)
{
    br_error error;
    for (uint32_t l = 0; l < p->random.network.layer_count; l++) {
        if (br_network_import(p->network, l, p->random.alpha[l], p->random.sign[l], p->random.theta[l], &error) != 0)
            fail_msg("%s\n%s", error.message, p->random.text);
    }
    for (int t = 0; t < TWINS; t++)
        random_twin_set(&p->random.network, &p->twins[t], &p->nudges, nudge);
}

static void pair_new(pair *p, ref_random *random, const choice *choice, const char *cpu, bt_method form)
{
    memset(p, 0, sizeof *p);
    p->nudges.state = ~random->state;
    if (choice->gradient)
        random_network_make_by(&p->random, random, REF_GRADIENT);
    else
        random_network_make(&p->random, random);
    p->in = calloc((uint64_t)p->random.batch * p->random.network.layers[0].inputs, sizeof *p->in);
    p->nudged = calloc((uint64_t)p->random.batch * p->random.network.layers[0].inputs, sizeof *p->nudged);
    p->labels = calloc(p->random.batch, sizeof *p->labels);
    assert_true(p->in && p->nudged && p->labels);
    for (int t = 0; t < TWINS; t++) {
        random_twin_make(&p->random.network, &p->twins[t]);
        p->twins[t].jitter = (t % 2 ? .5 : -.5) * FLT_EPSILON * (1 + t / 2); /* half a rounding, a whole one */
    }
    compile(p, cpu, form);
    set_state(p);
}

static void pair_free(pair *p)
{
    for (int t = 0; t < TWINS; t++)
        ref_network_release(&p->twins[t]);
    free(p->in);
    free(p->nudged);
    free(p->labels);
    br_moments_free(p->moments);
    br_network_free(p->network);
    bc_lowered_schedule_free(&p->schedule);
    bc_code_free(p->code);
    bl_context_free(p->context);
    random_network_release(&p->random);
}

static void learn_one_batch(pair *p, ref_random *random)
{
    br_error error;
    random_network *r = &p->random;
    const ref_layer *first = &r->network.layers[0];
    random_batch(r, random, p->in, p->labels);
    ref_learn(&r->network, p->in, p->labels, r->batch, r->eta, r->xi, r->corrected);
    for (int t = 0; t < TWINS; t++) {
        random_nudge(&p->nudges, p->in, p->nudged, (uint64_t)r->batch * first->inputs, nudge, (float)first->range_in);
        ref_learn(&p->twins[t], p->nudged, p->labels, r->batch, r->eta, r->xi, r->corrected);
    }
    if (br_learn_batch(p->network, p->in, p->labels, r->batch, &p->schedule.phases[0], p->moments, &error) != 0)
        fail_msg("%s\n%s", error.message, r->text);
}

/* ---- distances ---- */

typedef struct distance { /* of one tensor */
    double most_apart, most, squares_apart, squares;
    bool sign_lost; /* a zero differs in its stored sign */
} distance;

static void add(distance *d, double got, double wanted)
{
    if (isnan(got))
        got = INFINITY;
    d->most_apart = fmax(d->most_apart, fabs(got - wanted));
    d->most = fmax(d->most, fabs(wanted));
    d->squares_apart += (got - wanted) * (got - wanted);
    d->squares += wanted * wanted;
}

/* The distance relative to the largest value, or to the tensor's length. For a tensor of zeros, or of values that count
 * as 0, the distance is absolute. */
static double relative(const distance *d, bool length)
{
    if (length && isfinite(d->most_apart))
        return sqrt(d->squares_apart) / (d->squares > nothing * nothing ? sqrt(d->squares) : 1);
    return d->most_apart / (d->most > nothing ? d->most : 1);
}

/* The compared number of a connection: v, or under the printed rule sign * (1 - alpha), its largest contribution. */
static double strength(ref_rule rule, const ref_layer *layer, double alpha, int sign)
{
    return rule == REF_PRINTED ? sign * (1 - alpha) : ref_v_of_alpha(alpha, sign, layer->alpha_max);
}

/* That number of connection ik in a network of the reference. */
static double held(const ref_network *network, const ref_layer *layer, uint64_t ik)
{
    if (network->rule == REF_PRINTED)
        return strength(REF_PRINTED, layer, layer->bound[ik], layer->sign[ik]);
    return layer->sign[ik] * (double)layer->bound[ik];
}

/* Returns 1 if the tensor differs by more than it may. */
static int judge(pair *p, const char *what, uint32_t layer, const distance *d, const distance *twins, bool length,
                 double within)
{
    double apart = relative(d, length), allowed = within;
    for (int t = 0; t < TWINS; t++)
        allowed = fmax(allowed, twins_apart * relative(&twins[t], length));
    p->compared++;
    p->leaned += apart > within;
    if (apart <= allowed && (!d->sign_lost || allowed > within)) /* if twins differ, a rounding may decide the sign */
        return 0;
    print_error("%s of layer %u: %.3g apart, at most %.3g (largest difference %.3g, largest value %.3g)%s\n", what,
                layer, apart, allowed, d->most_apart, d->most, d->sign_lost ? ", the sign of a zero lost" : "");
    return 1;
}

static int compare_layer(pair *p, uint32_t l, bool length, double within)
{
    const ref_network *reference = &p->random.network;
    const ref_layer *layer = &reference->layers[l];
    uint64_t connections = (uint64_t)layer->neurons * layer->inputs;
    distance bounds = {0}, thetas = {0}, twin_bounds[TWINS] = {0}, twin_thetas[TWINS] = {0};
    float *alpha = calloc(connections, sizeof *alpha), *theta = calloc(layer->neurons, sizeof *theta);
    int8_t *sign = calloc(connections, sizeof *sign);
    assert_true(alpha && theta && sign);
    br_network_export(p->network, l, alpha, sign, theta);
    for (uint64_t ik = 0; ik < connections; ik++) {
        double wanted = held(reference, layer, ik), got = strength(reference->rule, layer, alpha[ik], sign[ik]);
        bounds.sign_lost |= wanted == 0 && fabs(got) < 1e-6 && sign[ik] != layer->sign[ik];
        add(&bounds, got, wanted);
        for (int t = 0; t < TWINS; t++)
            add(&twin_bounds[t], held(reference, &p->twins[t].layers[l], ik), wanted);
    }
    for (uint32_t k = 0; k < layer->neurons; k++) {
        add(&thetas, theta[k], layer->theta[k]);
        for (int t = 0; t < TWINS; t++)
            add(&twin_thetas[t], p->twins[t].layers[l].theta[k], layer->theta[k]);
    }
    free(alpha);
    free(theta);
    free(sign);
    return judge(p, "bounds", l, &bounds, twin_bounds, length, within) +
           judge(p, "thresholds", l, &thetas, twin_thetas, length, within);
}

static int compare_levels(pair *p, bool length, double within)
{
    br_error error;
    const ref_network *reference = &p->random.network;
    uint32_t last = reference->layer_count - 1, inputs = reference->layers[0].inputs;
    uint32_t neurons = reference->layers[last].neurons;
    distance levels = {0}, twin_levels[TWINS] = {0};
    float *got = calloc((uint64_t)p->random.batch * neurons, sizeof *got);
    assert_non_null(got);
    assert_int_equal(br_forward_batch(p->network, p->in, p->random.batch, got, &error), 0);
    ref_pass *passes = ref_passes_new(reference), *twin = ref_passes_new(reference);
    for (uint32_t n = 0; n < p->random.batch; n++) {
        ref_forward(reference, p->in + (uint64_t)n * inputs, passes);
        for (uint32_t k = 0; k < neurons; k++)
            add(&levels, got[(uint64_t)n * neurons + k], passes[last].y[k]);
        for (int t = 0; t < TWINS; t++) {
            ref_forward(&p->twins[t], p->in + (uint64_t)n * inputs, twin);
            for (uint32_t k = 0; k < neurons; k++)
                add(&twin_levels[t], twin[last].y[k], passes[last].y[k]);
        }
    }
    ref_passes_release(reference, passes);
    ref_passes_release(reference, twin);
    free(got);
    return judge(p, "levels", last, &levels, twin_levels, length, within);
}

/* Returns the number of tensors that differ by more than they may. */
static int compare(pair *p, bool length, double within)
{
    int wrong = 0;
    for (uint32_t l = 0; l < p->random.network.layer_count; l++)
        wrong += compare_layer(p, l, length, within);
    return wrong + compare_levels(p, length, within);
}

/* ---- the test ---- */

static uint64_t test_seed(void)
{
    const char *text = getenv("BOUTON_TEST_SEED");
    uint64_t seed = text ? strtoull(text, NULL, 10) : 20240611;
    print_message("seed %llu (BOUTON_TEST_SEED sets another)\n", (unsigned long long)seed);
    return seed;
}

/* Returns the name of the failed comparison, or NULL. The printed rule has poles and flips signs at once, so a rounding
 * soon leads to quite another state, with thresholds in the thousands. Its steps are compared one by one, each from a
 * newly drawn state. */
static const char *disagreement(pair *p, ref_random *random, uint32_t batches)
{
    bool printed = p->random.network.rule == REF_PRINTED;
    random_batch(&p->random, random, p->in, p->labels);
    if (compare(p, false, within_one) > 0) /* the imported state and the forward pass */
        return "before learning";
    learn_one_batch(p, random);
    if (compare(p, false, within_one) > 0)
        return "after one batch";
    for (uint32_t b = 1; b < batches; b++) {
        if (printed) {
            random_state(&p->random, random);
            set_state(p);
        }
        learn_one_batch(p, random);
        if (printed && compare(p, false, within_one) > 0)
            return "after one of many batches";
    }
    return compare(p, true, within_many) > 0 ? "after many batches" : NULL;
}

typedef struct tally {
    uint64_t compared, leaned;
    int wrong;
} tally;

/* Network `number`. It does not depend on the other networks. */
static void try_network(const choice *choice, uint64_t seed, uint32_t number, const char *cpu, uint32_t batches,
                        tally *t)
{
    ref_random random = {seed * 1000003u + number};
    pair p;
    bt_method form = (number ^ number / choice->every_level) % 2 ? BT_METHOD_DENSE : BT_METHOD_EVENTS;
    pair_new(&p, &random, choice, cpu, form);
    const char *when = disagreement(&p, &random, batches);
    if (when) {
        fprintf(stderr, "network %u disagrees %s on %s:\n%s\n", number, when, cpu, p.random.text);
        t->wrong++;
    }
    t->compared += p.compared;
    t->leaned += p.leaned;
    pair_free(&p);
}

static void try_networks(const choice *choice)
{
    tally t = {0};
    uint64_t seed = test_seed();
    for (uint32_t i = 0; i < choice->networks; i++)
        for (uint32_t level = 0; level < (i % choice->every_level == 0 ? CPU_LEVELS : 1); level++)
            if (cpu_level_runs(level))
                try_network(choice, seed, i, cpu_levels[level], level == 0 ? BATCHES : BATCHES / 10, &t);
    print_message("%llu tensors compared, %llu of them sensitive to rounding\n", (unsigned long long)t.compared,
                  (unsigned long long)t.leaned);
    if (t.wrong > 0)
        fail_msg("%d times a network disagrees with the reference", t.wrong);
    assert_true((double)t.leaned <= sensitive * (double)t.compared);
}

static void compiled_networks_agree(void **state)
{
    (void)state;
    try_networks(&(choice){.networks = fewer(200), .every_level = 4});
}

static void compiled_gradients_agree(void **state)
{
    (void)state;
    try_networks(&(choice){.gradient = true, .networks = fewer(60), .every_level = 1});
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(compiled_networks_agree),
                                       cmocka_unit_test(compiled_gradients_agree)};
    return cmocka_run_group_tests_name("compiler/agreement", tests, NULL, NULL);
}
