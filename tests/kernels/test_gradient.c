/* `rule gradient` against finite differences of the loss (gradient.h states the rule). On small random graphs every
 * bound is moved a little to either side, and the reference's forward pass gives the change of the loss. The compiled
 * step must equal xi eta times the descent, and so must the reference's step, with which other suites compare kernels.
 *
 * Graphs are drawn until one has a gradient: no depression, no leak, no floor, no pool(sum) at its upper limit. Bounds
 * near a kink of the loss are left out: their differences on the two sides disagree. There a connection falls silent, a
 * ramp ends, or a pool chooses another place. Bounds that may reach an end of their range are also left out. Both must
 * be few. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "../reference/gradient.h"
#include "../reference/random_maps.h"
#include "bouton/compiler.h"
#include "fewer.h"
#include "train/learn.h"

enum { NETWORKS = 100, NETWORKS_LEAST = 30, LAYERS_LEAST = 3, CONNECTIONS_MOST = 600 };
static const double away = 1e-5;    /* change of a bound to either side */
static const double kink = 1e-3;    /* difference of both sides at a kink, over the layer's largest gradient */
static const double within = 1e-3;  /* allowed error, relative to the layer's largest step */
static const double farthest = .02; /* the largest step: large for a float, small for the range of v */
static const double left_out = .1;  /* largest share of bounds */
static const double full = .999;    /* share of a curve's upper end */

typedef struct subject {
    random_maps maps;
    bl_context *context;
    bc_code *code;
    br_schedule schedule;
    br_network *network;
    ref_map_pass *passes;
    float *in;
    uint32_t *labels;
    double *descent[MAPS_LAYERS]; /* -dL/dv; NAN near a kink */
} subject;

typedef struct tally {
    uint64_t compared, beside;         /* bounds with a gradient, bounds left out */
    uint64_t conv, hidden, pooling[3]; /* compared bounds in convolutions and in dense layers below the last; pools */
} tally;

/* ---- networks that have a gradient ---- */

/* `dense`: the graph must have a hidden dense layer that is corrected. */
static bool has_gradient(const random_maps *maps, bool dense)
{
    uint64_t connections = 0;
    bool found = false;
    for (uint32_t l = 0; l < maps->graph.layer_count; l++) {
        const ref_map_layer *layer = &maps->graph.layers[l];
        connections += (uint64_t)layer->weights.neurons * layer->weights.inputs;
        found = found || (layer->kind == REF_DENSE && l + 1 < maps->graph.layer_count && maps->corrected[l]);
        if (layer->clause_count > 0 || layer->weights.leak > 0 || layer->weights.homeostasis)
            return false; /* L is a function of one sample here, and of a batch with homeostasis */
    }
    if (maps->graph.readout_layers > 0) /* L is the loss of one layer here */
        return false;
    if (maps->graph.settings.momentum > 0 || maps->graph.settings.adapts) /* steps are not the gradient's */
        return false;
    bool deep = maps->graph.layer_count >= LAYERS_LEAST; /* shallow graphs test little of the backward pass */
    return deep && (found || !dense) && connections <= CONNECTIONS_MOST && maps->graph.settings.floor == 0;
}

static uint32_t places_of(ref_window window)
{
    return (window.y1 - window.y0) * (window.x1 - window.x0);
}

/* Chooses factors with which no pool(sum) reaches its upper limit, even if its largest window is full. */
static void keep_sums_open(ref_graph *graph)
{
    for (uint32_t l = 0; l < graph->layer_count; l++) {
        ref_map_layer *layer = &graph->layers[l];
        uint32_t most = 1;
        for (uint32_t y = 0; layer->kind == REF_POOL && y < layer->out.height; y++)
            for (uint32_t x = 0; x < layer->out.width; x++) {
                uint32_t places = places_of(ref_pool_window(layer, y, x));
                most = places > most ? places : most;
            }
        if (layer->kind == REF_POOL && layer->pooling == REF_TOTAL)
            layer->factor = (float)fmin(layer->factor, .9 / most);
    }
}

/* ---- differences ---- */

static double loss_of_batch(const subject *s)
{
    const ref_graph *graph = &s->maps.graph;
    uint32_t last = graph->layer_count - 1;
    double loss = 0;
    for (uint32_t n = 0; n < s->maps.batch; n++) {
        ref_map_forward(graph, s->in + n * ref_values(graph->input), s->passes);
        loss += ref_class_weight(&graph->settings, s->labels, s->maps.batch, s->labels[n]) *
                ref_loss(&graph->settings, s->passes[last].x, graph->layers[last].weights.neurons, s->labels[n]);
    }
    return loss;
}

/* Slope of the loss between |v| and |v| + by; `here` is the loss at |v|. */
static double side(const subject *s, float *bound, double here, double by)
{
    float before = *bound;
    *bound = (float)(before + by);
    double moved = (double)*bound - before, slope = (loss_of_batch(s) - here) / moved;
    *bound = before;
    return slope;
}

/* Computes -dL/dv of one layer, NAN where both sides disagree. Returns the largest size. */
static double differences(const subject *s, const ref_layer *weights, double *descent)
{
    uint64_t connections = (uint64_t)weights->neurons * weights->inputs;
    double here = loss_of_batch(s), most = 0, *apart = calloc(connections + 1, sizeof *apart);
    assert_non_null(apart);
    for (uint64_t ik = 0; ik < connections; ik++) {
        double up = side(s, &weights->bound[ik], here, away), down = side(s, &weights->bound[ik], here, -away);
        descent[ik] = weights->sign[ik] * -(up + down) / 2;
        apart[ik] = fabs(up - down);
        most = fmax(most, fabs(descent[ik]));
    }
    for (uint64_t ik = 0; ik < connections; ik++)
        if (apart[ik] > kink * most)
            descent[ik] = NAN;
    free(apart);
    return most;
}

/* ---- one network ---- */

static void compile(subject *s)
{
    br_error error;
    const bc_options options = BC_OPTIONS_DEFAULT;
    s->context = bl_context_new();
    assert_non_null(s->context);
    assert_int_equal(bl_load_text(s->context, "random.btn", s->maps.text, strlen(s->maps.text)), 0);
    const bl_program *program = bl_check(s->context, NULL);
    assert_non_null(program);
    if (bc_compile(program, &options, &s->code, &error) != 0 || bc_lower_schedule(program, &s->schedule, &error) != 0 ||
        br_network_new(bc_code_model(s->code), &s->network, &error) != 0)
        fail_msg("%s\n%s", error.message, s->maps.text);
    for (uint32_t l = 0; l < s->maps.graph.layer_count; l++) {
        s->network->layers[l].calibration = (float)s->maps.graph.layers[l].factor;
        if (s->maps.alpha[l] &&
            br_network_import(s->network, l, s->maps.alpha[l], s->maps.sign[l], s->maps.theta[l], &error) != 0)
            fail_msg("%s\n%s", error.message, s->maps.text);
    }
}

/* Does a neuron other than the ramp fire near its upper end? There a float has few digits left for y (1 - y). */
static bool nearly_full(const subject *s)
{
    const ref_graph *graph = &s->maps.graph;
    bool found = false;
    for (uint32_t n = 0; n < s->maps.batch && !found; n++) {
        ref_map_forward(graph, s->in + n * ref_values(graph->input), s->passes);
        for (uint32_t l = 0; l < graph->layer_count; l++) {
            const ref_map_layer *layer = &graph->layers[l];
            bool curved = layer->kind != REF_POOL && layer->weights.neuron.way != REF_WAY_RAMP;
            for (uint64_t i = 0; curved && i < ref_values(layer->out); i++)
                found = found || s->passes[l].o[i] > full * layer->weights.range_out;
        }
    }
    return found;
}

static void draw_batch(subject *s, ref_random *random)
{
    s->passes = ref_map_passes_new(&s->maps.graph);
    s->in = calloc(s->maps.batch * ref_values(s->maps.graph.input), sizeof *s->in);
    s->labels = calloc(s->maps.batch, sizeof *s->labels);
    assert_true(s->in && s->labels);
    random_maps_batch(&s->maps, random, s->in, s->labels);
}

static void drop_batch(subject *s)
{
    ref_map_passes_free(&s->maps.graph, s->passes);
    free(s->in);
    free(s->labels);
}

static void subject_new(subject *s, ref_random *random, bool dense)
{
    memset(s, 0, sizeof *s);
    for (bool fit = false; !fit;) {
        random_maps_make(&s->maps, random, REF_GRADIENT);
        if (has_gradient(&s->maps, dense)) {
            keep_sums_open(&s->maps.graph);
            draw_batch(s, random);
            fit = !nearly_full(s);
            if (!fit)
                drop_batch(s);
        }
        if (!fit)
            random_maps_release(&s->maps);
    }
    compile(s);
    for (uint32_t l = 0; l < s->maps.graph.layer_count; l++) {
        const ref_layer *weights = &s->maps.graph.layers[l].weights;
        s->descent[l] = calloc((uint64_t)weights->neurons * weights->inputs + 1, sizeof(double));
        assert_non_null(s->descent[l]);
    }
}

static void subject_free(subject *s)
{
    for (uint32_t l = 0; l < MAPS_LAYERS; l++)
        free(s->descent[l]);
    drop_batch(s);
    br_network_free(s->network);
    bc_lowered_schedule_free(&s->schedule);
    bc_code_free(s->code);
    bl_context_free(s->context);
    random_maps_release(&s->maps);
}

/* v of every connection in the compiled network and in the reference. */
static void held(const subject *s, uint32_t l, double *compiled, double *reference)
{
    const ref_layer *weights = &s->maps.graph.layers[l].weights;
    uint64_t connections = (uint64_t)weights->neurons * weights->inputs;
    float *alpha = calloc(connections, sizeof *alpha), *theta = calloc(weights->neurons, sizeof *theta);
    int8_t *sign = calloc(connections, sizeof *sign);
    assert_true(alpha && theta && sign);
    br_network_export(s->network, l, alpha, sign, theta);
    for (uint64_t ik = 0; ik < connections; ik++) {
        compiled[ik] = ref_v_of_alpha(alpha[ik], sign[ik], weights->alpha_max);
        reference[ik] = weights->sign[ik] * (double)weights->bound[ik];
    }
    free(alpha);
    free(theta);
    free(sign);
}

/* Compares both steps of one layer with rate * descent. `before` and `after` hold v, first compiled, then reference. */
static void judge(const subject *s, uint32_t l, double rate, double *const before[2], double *const after[2], tally *t)
{
    static const char *const whose[] = {"compiled", "the reference's"};
    const ref_map_layer *layer = &s->maps.graph.layers[l];
    const ref_layer *weights = &layer->weights;
    double v_max = ref_v_of_alpha(weights->alpha_min, 1, weights->alpha_max);
    for (uint64_t ik = 0; ik < (uint64_t)weights->neurons * weights->inputs; ik++) {
        double wanted = rate * s->descent[l][ik], size = fabs(before[0][ik]), room = fabs(wanted) + 10 * away;
        if (isnan(wanted) || size < room || size + room > v_max) {
            t->beside++;
            continue;
        }
        for (int side = 0; side < 2; side++)
            if (!(fabs(after[side][ik] - before[side][ik] - wanted) <= within * farthest))
                fail_msg("step %llu of l%u, %s: %.6g, wanted %.6g\n%s", (unsigned long long)ik, l, whose[side],
                         after[side][ik] - before[side][ik], wanted, s->maps.text);
        if (wanted == 0)
            continue;
        t->compared++;
        t->conv += layer->kind == REF_CONV;
        t->hidden += layer->kind == REF_DENSE && l + 1 < s->maps.graph.layer_count;
    }
}

/* Sets the rates so that the largest step of each layer is `farthest`. */
static void choose_rates(subject *s, const double *most)
{
    const br_phase *phase = &s->schedule.phases[0];
    for (uint32_t i = 0; i < phase->layer_count; i++) {
        uint32_t l = phase->layers[i];
        phase->eta[i] = (float)(most[l] > 0 ? farthest / (most[l] * phase->xi) : 1);
        s->maps.eta[l] = phase->eta[i];
    }
}

static void count_pools(const subject *s, const double *most, tally *t)
{
    for (uint32_t l = 1; l < s->maps.graph.layer_count; l++) {
        const ref_map_layer *layer = &s->maps.graph.layers[l];
        uint32_t below = layer->sources[0];
        if (layer->kind == REF_POOL && below != REF_INPUT && s->maps.corrected[below] && most[below] > 0)
            t->pooling[layer->pooling]++;
    }
}

static void try_network(subject *s, tally *t)
{
    br_error error;
    random_maps *maps = &s->maps;
    double most[MAPS_LAYERS], *before[MAPS_LAYERS][2], *after[2];
    uint32_t layers = maps->graph.layer_count;
    for (uint32_t l = 0; l < layers; l++)
        most[l] = differences(s, &maps->graph.layers[l].weights, s->descent[l]);
    choose_rates(s, most);
    for (uint32_t l = 0; l < layers; l++) {
        for (int side = 0; side < 2; side++)
            before[l][side] = calloc(CONNECTIONS_MOST, sizeof(double));
        assert_true(before[l][0] && before[l][1]);
        if (maps->alpha[l])
            held(s, l, before[l][0], before[l][1]);
    }
    ref_map_learn(&maps->graph, s->in, s->labels, maps->batch, maps->eta, maps->xi, maps->corrected);
    if (br_learn_batch(s->network, s->in, s->labels, maps->batch, &s->schedule.phases[0], NULL, &error) != 0)
        fail_msg("%s\n%s", error.message, maps->text);
    for (int side = 0; side < 2; side++)
        after[side] = calloc(CONNECTIONS_MOST, sizeof(double));
    assert_true(after[0] && after[1]);
    for (uint32_t l = 0; l < layers; l++) {
        if (maps->alpha[l]) {
            held(s, l, after[0], after[1]);
            judge(s, l, maps->corrected[l] ? maps->xi * maps->eta[l] : 0, before[l], after, t);
        }
        free(before[l][0]);
        free(before[l][1]);
    }
    free(after[0]);
    free(after[1]);
    count_pools(s, most, t);
}

static void steps_descend(void **state)
{
    (void)state;
    const char *given = getenv("BOUTON_TEST_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : 20240815;
    tally t = {0};
    print_message("seed %llu (BOUTON_TEST_SEED sets another)\n", (unsigned long long)seed);
    uint32_t networks = fewer(NETWORKS) < NETWORKS_LEAST ? NETWORKS_LEAST : fewer(NETWORKS);
    for (uint32_t i = 0; i < networks; i++) {
        ref_random random = {seed * 1000003u + i};
        subject s;
        subject_new(&s, &random, i % 2 == 0);
        try_network(&s, &t);
        subject_free(&s);
    }
    print_message("%llu bounds compared, %llu of convolutions, %llu of hidden dense layers; %llu left out\n"
                  "through pools: max %llu, mean %llu, sum %llu\n",
                  (unsigned long long)t.compared, (unsigned long long)t.conv, (unsigned long long)t.hidden,
                  (unsigned long long)t.beside, (unsigned long long)t.pooling[REF_MAX],
                  (unsigned long long)t.pooling[REF_MEAN], (unsigned long long)t.pooling[REF_TOTAL]);
    assert_true(t.compared >= 1000 && t.conv >= 100 && t.hidden >= 50);
    assert_true((double)t.beside <= left_out * (double)t.compared);
    for (int i = 0; i < 3; i++)
        assert_true(t.pooling[i] > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(steps_descend)};
    return cmocka_run_group_tests_name("compiler/gradient", tests, NULL, NULL);
}
