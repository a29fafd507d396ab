/* Compiled graphs of maps against the scalar reference: convolutions, pools, joined sources, depression, learning
 * through all of them, on random networks.
 *
 * Levels before learning, every tensor after one batch, and levels after it must agree to 1e-5 of the tensor's largest
 * value. Where they do not, the reference's own twins, whose numbers are off by a few roundings, tell whether that
 * hangs on a decision within rounding: who stays, which place a pool chose, whether a connection is live. Where twins
 * part from the reference further, that is the bound; such tensors are counted and must be few. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../reference/random_maps.h"
#include "../runtime/learn.h"
#include "bouton/compiler.h"
#include "cpu_levels.h"
#include "fewer.h"

enum { ROUNDS = 3, TWINS = 8, TENSORS = 2 + 2 * MAPS_LAYERS };
static const double within = 1e-5;
static const double nothing = 1e-20;  /* levels far out on a formula's tail */
static const double nudge = 1e-6;     /* of a twin's numbers: some ten roundings */
static const double twins_apart = 10; /* the bound, in distances of twins, where that is more */
static const double sensitive = 0.02; /* share of tensors that may need it */

/* ---- what one side ends up with -------------------------------------------------------------------------------------
 */

/* Levels before, v and theta of every layer, levels after; one after the other. */
typedef struct outcome {
    uint32_t count;
    uint64_t ends[TENSORS];
    double *values;
} outcome;

static uint64_t connections_of(const ref_layer *weights)
{
    return (uint64_t)weights->neurons * weights->inputs;
}

static uint32_t classes_of(const ref_graph *graph)
{
    return graph->layers[graph->layer_count - 1].weights.neurons;
}

static outcome outcome_new(const random_maps *of)
{
    outcome out = {0};
    uint64_t end = 0, levels = (uint64_t)of->batch * classes_of(&of->graph);
    out.ends[out.count++] = end += levels;
    for (uint32_t l = 0; l < of->graph.layer_count; l++) {
        out.ends[out.count++] = end += connections_of(&of->graph.layers[l].weights);
        out.ends[out.count++] = end += of->graph.layers[l].weights.neurons;
    }
    out.ends[out.count++] = end += levels;
    out.values = calloc(end, sizeof *out.values);
    assert_non_null(out.values);
    return out;
}

static double *tensor(const outcome *of, uint32_t number)
{
    return of->values + (number == 0 ? 0 : of->ends[number - 1]);
}

static void reference_levels(const random_maps *of, const ref_graph *graph, const float *in, double *out)
{
    uint32_t classes = classes_of(graph);
    for (uint32_t n = 0; n < of->batch; n++) {
        ref_map_pass *passes = ref_map_passes_new(graph);
        ref_map_forward(graph, in + n * ref_values(graph->input), passes);
        const ref_layer *last = &graph->layers[graph->layer_count - 1].weights;
        for (uint32_t k = 0; k < classes; k++)
            out[n * classes + k] = passes[graph->layer_count - 1].o[k] / last->range_out;
        ref_map_passes_free(graph, passes);
    }
}

/* One batch by the reference; moved: connections that made a step. */
static uint64_t reference_run(const random_maps *of, ref_graph *graph, const float *in, const uint32_t *labels,
                              const outcome *out)
{
    reference_levels(of, graph, in, tensor(out, 0));
    uint64_t moved = ref_map_learn(graph, in, labels, of->batch, of->eta, of->xi, of->corrected);
    for (uint32_t l = 0; l < graph->layer_count; l++) {
        const ref_layer *weights = &graph->layers[l].weights;
        for (uint64_t ik = 0; ik < connections_of(weights); ik++)
            tensor(out, 1 + 2 * l)[ik] = weights->sign[ik] * (double)weights->bound[ik];
        for (uint32_t k = 0; k < weights->neurons; k++)
            tensor(out, 2 + 2 * l)[k] = weights->theta[k];
    }
    reference_levels(of, graph, in, tensor(out, out->count - 1));
    return moved;
}

/* ---- the compiled side ----------------------------------------------------------------------------------------------
 */

typedef struct subject {
    random_maps maps;
    bl_context *context;
    const bl_program *program;
    float *in, *nudged;
    uint32_t *labels;
    outcome wanted, got, twins[TWINS];
    bool twins_known;
    bool optimised; /* else as emitted: other code, and sooner made */
    ref_random nudges;
    uint64_t compared, leaned, moved;
} subject;

typedef struct compiled {
    bc_code *code;
    bc_options options;
    br_schedule schedule;
    br_network *network;
} compiled;

static compiled compile(const subject *s, uint32_t level)
{
    br_error error;
    compiled c = {.options = {.cpu = cpu_levels[level], .level = s->optimised ? 2 : 0}};
    if (bc_compile(s->program, &c.options, &c.code, &error) != 0 ||
        bc_lower_schedule(s->program, &c.schedule, &error) != 0 ||
        br_network_new(bc_code_model(c.code), &c.network, &error) != 0)
        fail_msg("%s\n%s", error.message, s->maps.text);
    return c;
}

static void compiled_free(compiled *c)
{
    br_network_free(c->network);
    bc_lowered_schedule_free(&c->schedule);
    bc_code_free(c->code);
}

static void compiled_levels(const subject *s, const compiled *c, double *out)
{
    br_error error;
    uint64_t count = (uint64_t)s->maps.batch * classes_of(&s->maps.graph);
    float *levels = calloc(count, sizeof *levels);
    assert_non_null(levels);
    assert_int_equal(br_forward_batch(c->network, s->in, s->maps.batch, levels, &error), 0);
    for (uint64_t i = 0; i < count; i++)
        out[i] = levels[i];
    free(levels);
}

static void compiled_state(const subject *s, const compiled *c)
{
    br_error error;
    for (uint32_t l = 0; l < s->maps.graph.layer_count; l++) {
        c->network->layers[l].calibration = (float)s->maps.graph.layers[l].factor; /* of pool(sum) */
        if (s->maps.alpha[l] &&
            br_network_import(c->network, l, s->maps.alpha[l], s->maps.sign[l], s->maps.theta[l], &error) != 0)
            fail_msg("%s\n%s", error.message, s->maps.text);
    }
}

static void compiled_layer(const subject *s, const compiled *c, uint32_t l)
{
    const ref_layer *weights = &s->maps.graph.layers[l].weights;
    uint64_t connections = connections_of(weights);
    float *alpha = calloc(connections + 1, sizeof *alpha);
    int8_t *sign = calloc(connections + 1, sizeof *sign);
    float *theta = calloc(weights->neurons + 1, sizeof *theta);
    assert_true(alpha && sign && theta);
    if (s->maps.alpha[l])
        br_network_export(c->network, l, alpha, sign, theta);
    for (uint64_t ik = 0; ik < connections; ik++)
        tensor(&s->got, 1 + 2 * l)[ik] = ref_v_of_alpha(alpha[ik], sign[ik], weights->alpha_max);
    for (uint32_t k = 0; k < weights->neurons; k++)
        tensor(&s->got, 2 + 2 * l)[k] = theta[k];
    free(alpha);
    free(sign);
    free(theta);
}

static void compiled_run(const subject *s, const compiled *c)
{
    br_error error;
    compiled_state(s, c);
    compiled_levels(s, c, tensor(&s->got, 0));
    if (br_learn_batch(c->network, s->in, s->labels, s->maps.batch, &c->schedule.phases[0], 1, &error) != 0)
        fail_msg("%s\n%s", error.message, s->maps.text);
    for (uint32_t l = 0; l < s->maps.graph.layer_count; l++)
        compiled_layer(s, c, l);
    compiled_levels(s, c, tensor(&s->got, s->got.count - 1));
}

/* ---- how far apart --------------------------------------------------------------------------------------------------
 */

/* Relative to the tensor's largest value; a tensor of zeros, or of what floats hardly tell from it, must be met to the
 * same absolute size. */
static double apart(const outcome *a, const outcome *wanted, uint32_t number, bool bounds)
{
    uint64_t count = wanted->ends[number] - (number == 0 ? 0 : wanted->ends[number - 1]);
    double most_apart = 0, most = 0;
    for (uint64_t i = 0; i < count; i++) {
        double got = tensor(a, number)[i], want = tensor(wanted, number)[i];
        bool sign_lost = bounds && want == 0 && fabs(got) < 1e-6 && !signbit(got) != !signbit(want);
        if (isnan(got) || sign_lost) /* the sign of zero is remembered */
            return INFINITY;
        most_apart = fmax(most_apart, fabs(got - want));
        most = fmax(most, fabs(want));
    }
    return most_apart / (most > nothing ? most : 1);
}

/* The twins' way of it, from the state drawn last; only where somebody asks. */
static void run_twins(subject *s)
{
    random_maps *maps = &s->maps;
    for (uint32_t l = 0; l < maps->graph.layer_count; l++)
        if (maps->alpha[l]) /* back to the state before the batch: s->wanted keeps what it led to */
            ref_layer_set(&maps->graph.settings, &maps->graph.layers[l].weights, maps->alpha[l], maps->sign[l],
                          maps->theta[l]);
    for (int t = 0; t < TWINS; t++) {
        ref_graph twin;
        random_maps_twin(&maps->graph, &twin, &s->nudges, nudge);
        random_nudge(&s->nudges, s->in, s->nudged, maps->batch * ref_values(maps->graph.input), nudge,
                     (float)maps->range);
        reference_run(maps, &twin, s->nudged, s->labels, &s->twins[t]);
        ref_graph_release(&twin);
    }
    s->twins_known = true;
}

static void name_tensor(const subject *s, uint32_t number, char *out, size_t size)
{
    if (number == 0 || number + 1 == s->wanted.count)
        snprintf(out, size, "levels %s learning", number == 0 ? "before" : "after");
    else
        snprintf(out, size, "%s of l%u", number % 2 ? "bounds" : "thresholds", (number - 1) / 2);
}

/* How many tensors are further apart than they may be. */
static int judge(subject *s, const char *cpu)
{
    int wrong = 0;
    for (uint32_t number = 0; number < s->wanted.count; number++) {
        bool bounds = number % 2 == 1 && number + 1 < s->wanted.count;
        double is = apart(&s->got, &s->wanted, number, bounds), allowed = within;
        s->compared++;
        if (is <= within)
            continue;
        if (!s->twins_known)
            run_twins(s);
        for (int t = 0; t < TWINS; t++)
            allowed = fmax(allowed, twins_apart * apart(&s->twins[t], &s->wanted, number, false));
        s->leaned++;
        if (is <= allowed)
            continue;
        char name[64];
        name_tensor(s, number, name, sizeof name);
        print_error("%s on %s: %.3g apart, at most %.3g\n", name, cpu, is, allowed);
        wrong++;
    }
    return wrong;
}

/* ---- one network ----------------------------------------------------------------------------------------------------
 */

static void subject_new(subject *s, ref_random *random, ref_rule rule)
{
    memset(s, 0, sizeof *s);
    s->nudges.state = ~random->state;
    random_maps_make(&s->maps, random, rule);
    uint64_t values = s->maps.batch * ref_values(s->maps.graph.input);
    s->in = calloc(values, sizeof *s->in);
    s->nudged = calloc(values, sizeof *s->nudged);
    s->labels = calloc(s->maps.batch, sizeof *s->labels);
    assert_true(s->in && s->nudged && s->labels);
    s->wanted = outcome_new(&s->maps);
    s->got = outcome_new(&s->maps);
    for (int t = 0; t < TWINS; t++)
        s->twins[t] = outcome_new(&s->maps);
    s->context = bl_context_new();
    assert_non_null(s->context);
    assert_int_equal(bl_load_text(s->context, "random.btn", s->maps.text, strlen(s->maps.text)), 0);
    s->program = bl_check(s->context, NULL);
    if (!s->program) {
        bl_write_diagnostics(s->context, stderr, false);
        fail_msg("the checker refused:\n%s", s->maps.text);
    }
}

static void subject_free(subject *s)
{
    for (int t = 0; t < TWINS; t++)
        free(s->twins[t].values);
    free(s->wanted.values);
    free(s->got.values);
    free(s->in);
    free(s->nudged);
    free(s->labels);
    bl_context_free(s->context);
    random_maps_release(&s->maps);
}

/* A few batches, each from a state of its own, on the processor levels asked for. */
static int disagreements(subject *s, ref_random *random, uint32_t levels)
{
    compiled codes[CPU_LEVELS];
    int wrong = 0;
    for (uint32_t c = 0; c < levels; c++)
        if (cpu_level_runs(c))
            codes[c] = compile(s, c);
    for (int round = 0; round < ROUNDS && wrong == 0; round++) {
        random_maps_state(&s->maps, random);
        random_maps_batch(&s->maps, random, s->in, s->labels);
        s->moved += reference_run(&s->maps, &s->maps.graph, s->in, s->labels, &s->wanted);
        s->twins_known = false;
        for (uint32_t c = 0; c < levels; c++) {
            if (!cpu_level_runs(c))
                continue;
            compiled_run(s, &codes[c]);
            wrong += judge(s, cpu_levels[c]);
        }
    }
    for (uint32_t c = 0; c < levels; c++)
        if (cpu_level_runs(c))
            compiled_free(&codes[c]);
    return wrong;
}

/* Each `every`-th on all processor levels. */
static void try_networks(ref_rule rule, uint32_t networks, uint32_t every)
{
    const char *given = getenv("BOUTON_TEST_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : 20240703, compared = 0, leaned = 0, learned = 0;
    int wrong = 0;
    print_message("seed %llu (BOUTON_TEST_SEED sets another)\n", (unsigned long long)seed);
    for (uint32_t i = 0; i < networks; i++) {
        ref_random random = {seed * 1000003u + i}; /* each network can be had without the others */
        subject s;
        subject_new(&s, &random, rule);
        s.optimised = i % 3 == 0;
        if (disagreements(&s, &random, i % every == 0 ? CPU_LEVELS : 1) > 0) {
            fprintf(stderr, "network %u disagrees:\n%s\n", i, s.maps.text);
            wrong++;
        }
        compared += s.compared;
        leaned += s.leaned;
        learned += s.moved > 0;
        subject_free(&s);
    }
    print_message("%llu tensors compared, %llu of them sensitive to rounding; %llu of %u networks learned\n",
                  (unsigned long long)compared, (unsigned long long)leaned, (unsigned long long)learned, networks);
    if (wrong > 0)
        fail_msg("%d of %u networks disagree with the reference", wrong, networks);
    assert_true((double)leaned <= sensitive * (double)compared);
    assert_true(learned >= networks * 3 / 4); /* silent ones show little */
}

static void graphs_of_maps_agree(void **state)
{
    (void)state;
    try_networks(REF_REPAIRED, fewer(300), 4);
}

static void gradients_agree(void **state)
{
    (void)state;
    try_networks(REF_GRADIENT, fewer(120), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(graphs_of_maps_agree), cmocka_unit_test(gradients_agree)};
    return cmocka_run_group_tests_name("compiler/maps", tests, NULL, NULL);
}
