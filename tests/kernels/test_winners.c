/* Random graphs in which every layer that can is depressed, for every processor level. Half of them have few values of
 * inputs, alphas and thresholds, so that drives tie all the time; their drives are exact, and the winners of every
 * layer must be those of the reference, without any tolerance. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../agree/agree.h"
#include "cpu_levels.h"
#include "engine/forward.h"
#include "engine/workspace.h"
#include "fewer.h"
#include "train/learn.h"

enum { NETWORKS = 300, THREADS = 3, LEARN_EVERY = 3 }; /* learning takes most of the compile time */

typedef struct tally {
    uint64_t winners, silent, ties; /* neurons of layers whose drives are exact; winners whose drive another has too */
    uint32_t exact, moved;          /* layers compared exactly; networks that learned */
    uint32_t kinds[3];              /* depressed layers, by ref_kind */
} tally;

/* ---- winners ---- */

static void copy_in(const agree_subject *s, const br_workspace *workspace)
{
    uint32_t stride = workspace->model->layers[0].shape.in.sample_stride;
    for (uint32_t n = 0; n < s->batch; n++)
        memcpy(workspace->in + (uint64_t)n * stride, s->in + n * s->values, s->values * sizeof(float));
}

/* Whether another filter of the place has the same drive. */
static bool is_tied(const ref_map_layer *layer, const ref_map_pass *pass, uint64_t i)
{
    uint64_t first = i / layer->out.channels * layer->out.channels;
    for (uint64_t j = first; j < first + layer->out.channels; j++)
        if (j != i && pass->x[j] == pass->x[i])
            return true;
    return false;
}

/* Returns whether a layer's activations are those of the reference for one sample. */
static bool same_winners(const br_layer_code *code, const float *out, const ref_map_layer *layer,
                         const ref_map_pass *pass, tally *t)
{
    for (uint64_t i = 0; i < ref_values(layer->out); i++) {
        uint64_t at = i / layer->out.channels * code->shape.out.pitch + i % layer->out.channels;
        bool fires = pass->o[i] > 0;
        if ((out[at] > 0) != fires || !(fabs((double)out[at] - pass->o[i]) <= 1e-6)) {
            fprintf(stderr, "layer %s: place %llu, filter %llu is %g, not %g\n", code->name,
                    (unsigned long long)(i / layer->out.channels), (unsigned long long)(i % layer->out.channels),
                    (double)out[at], pass->o[i]);
            return false;
        }
        t->winners += fires;
        t->silent += !fires;
        t->ties += fires && is_tied(layer, pass, i);
    }
    return true;
}

/* Gives the state drawn last to the reference, which has learned since. */
static void unlearn(agree_subject *s)
{
    for (uint32_t l = 0; l < s->layer_count; l++)
        if (s->alpha[l])
            ref_layer_set(&s->maps.graph.settings, &s->maps.graph.layers[l].weights, s->alpha[l], s->sign[l],
                          s->theta[l]);
}

/* Compares every layer whose drives are exact. */
static bool winners_agree(const agree_subject *s, const agree_code *c, tally *t)
{
    br_error error;
    br_workspace *workspace;
    const br_model *model = bc_code_model(c->code);
    bool same = true;
    if (agree_give_state(s, c) != 0 || br_workspace_new(c->network, s->batch, false, &workspace, &error) != 0)
        fail_msg("no state or no memory");
    copy_in(s, workspace);
    br_forward_alone(workspace, 0, model->layer_count, 0, s->batch);
    ref_map_pass *passes = ref_map_passes_new(&s->maps.graph);
    for (uint32_t n = 0; n < s->batch && same; n++) {
        ref_map_forward(&s->maps.graph, s->in + n * s->values, passes);
        for (uint32_t l = 0; l < s->layer_count && same; l++) {
            const ref_map_layer *layer = &s->maps.graph.layers[l];
            const float *out = workspace->layers[l].out + (uint64_t)n * model->layers[l].shape.out.sample_stride;
            if (layer->clause_count == 0 || !random_maps_exact(&s->maps, l))
                continue;
            t->exact += n == 0;
            same = same_winners(&model->layers[l], out, layer, &passes[l], t);
        }
    }
    ref_map_passes_free(&s->maps.graph, passes);
    br_workspace_free(workspace);
    return same;
}

/* ---- threads ---- */

typedef struct job {
    br_learner learner;
    uint32_t n;
} job;

static void learn(void *user, uint32_t member)
{
    job *j = user;
    br_learn_part(&j->learner, member, j->n);
}

/* All bounds and thresholds after a batch, and all maps that learning keeps. */
static float *learned_by(const agree_subject *s, const agree_code *c, uint32_t threads, uint64_t *count)
{
    br_error error;
    br_team *team = NULL;
    job j = {.n = s->batch};
    br_phase phase = c->schedule.phases[0];
    const br_model *model = bc_code_model(c->code);
    phase.batch = s->batch;
    if (agree_give_state(s, c) != 0 || br_team_new(threads, &team, &error) != 0 ||
        br_learner_begin(&j.learner, c->network, team, &phase, 0, &error) != 0)
        fail_msg("no state or no threads");
    br_learner_rates(&j.learner, &phase, 1);
    copy_in(s, j.learner.workspace);
    memcpy(j.learner.workspace->labels, s->labels, s->batch * sizeof *s->labels);
    br_team_run(team, learn, &j);
    float *all = NULL;
    *count = 0;
    for (uint32_t l = 0; l < s->layer_count; l++) {
        const br_layer_code *code = &model->layers[l];
        const float *parts[] = {c->network->layers[l].bounds, c->network->layers[l].theta,
                                j.learner.workspace->layers[l].out};
        bool lost = code->kind == BT_LAYER_CONV && code->layout.pooled; /* its samples share one map */
        const uint64_t sizes[] = {br_layer_bounds_count(code), code->layout.pitch,
                                  lost ? 0 : (uint64_t)s->batch * code->shape.out.sample_stride};
        for (int p = 0; p < 3; *count += sizes[p], p++) {
            all = realloc(all, (*count + sizes[p] + 1) * sizeof *all);
            assert_non_null(all);
            memcpy(all + *count, parts[p], sizes[p] * sizeof *all);
        }
    }
    br_learner_end(&j.learner);
    br_team_free(team);
    return all;
}

static bool threads_agree(const agree_subject *s, const agree_code *c)
{
    uint64_t count, others;
    float *one = learned_by(s, c, 1, &count);
    bool same = true;
    for (uint32_t threads = 2; threads <= THREADS; threads++) {
        float *many = learned_by(s, c, threads, &others);
        same = same && others == count && memcmp(one, many, count * sizeof *one) == 0;
        free(many);
    }
    free(one);
    if (!same)
        fprintf(stderr, "on %s another number of threads gives other bits\n", c->options.cpu);
    return same;
}

/* ---- networks ---- */

/* Every network answers in the code of every level. One in LEARN_EVERY learns a batch in that of one level, every
 * second of them with tiles where it has them. One code in sixteen is optimised; the rest is not, which compiles faster
 * and tests other code. */
static int try_level(agree_subject *s, uint32_t number, uint32_t level, tally *t)
{
    agree_code c;
    bool learns = number % LEARN_EVERY == 0 && number / LEARN_EVERY % CPU_LEVELS == level;
    int optimise = (number + 3 * level) % 16 == 0 ? 2 : 0, wrong;
    bt_method form = number / LEARN_EVERY % 2 ? BT_METHOD_DENSE : BT_METHOD_EVENTS;
    assert_int_equal(learns ? agree_compile(s, cpu_levels[level], optimise, form, false, &c)
                            : agree_compile_answers(s, cpu_levels[level], optimise, &c),
                     0);
    wrong = learns ? agree_compare(s, &c) : agree_compare_answers(s, &c);
    if (!winners_agree(s, &c, t)) {
        fprintf(stderr, "winners on %s, -O%d\n", cpu_levels[level], optimise);
        wrong++;
    }
    wrong += learns && !threads_agree(s, &c);
    agree_code_free(&c);
    return wrong;
}

static int disagreements(agree_subject *s, ref_random *random, uint32_t number, tally *t)
{
    int wrong = 0;
    agree_draw(s, random);
    unlearn(s);
    t->moved += s->moved;
    for (uint32_t level = 0; level < CPU_LEVELS; level++)
        if (cpu_level_runs(level))
            wrong += try_level(s, number, level, t);
    return wrong;
}

static void winners_are_those_of_the_reference(void **state)
{
    (void)state;
    const char *given = getenv("BOUTON_TEST_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : 20250119, compared = 0, leaned = 0;
    uint32_t networks = fewer(NETWORKS), wrong = 0;
    tally t = {0};
    print_message("seed %llu (BOUTON_TEST_SEED sets another)\n", (unsigned long long)seed);
    for (uint32_t i = 0; i < networks; i++) {
        ref_random random = {seed * 1000003u + i};
        static agree_subject s;
        assert_int_equal(agree_new_depressed(&s, &random, i % 2 ? RANDOM_TIED : RANDOM_ALWAYS), 0);
        for (uint32_t l = 0; l < s.layer_count; l++)
            t.kinds[s.maps.graph.layers[l].kind] += s.maps.graph.layers[l].clause_count > 0;
        if (disagreements(&s, &random, i, &t) > 0) {
            fprintf(stderr, "network %u disagrees:\n%s\n", i, s.text);
            wrong++;
        }
        compared += s.tally.compared;
        leaned += s.tally.leaned;
        agree_free(&s);
    }
    print_message("%llu tensors compared, %llu of them sensitive to rounding; %u of %u networks learned\n",
                  (unsigned long long)compared, (unsigned long long)leaned, t.moved, networks);
    print_message("depressed: %u dense, %u conv, %u pool; exact: %u layers, %llu winners, %llu of them tied, %llu "
                  "silent\n",
                  t.kinds[REF_DENSE], t.kinds[REF_CONV], t.kinds[REF_POOL], t.exact, (unsigned long long)t.winners,
                  (unsigned long long)t.ties, (unsigned long long)t.silent);
    if (wrong > 0)
        fail_msg("%u of %u networks disagree with the reference", wrong, networks);
    assert_true(t.ties >= t.winners / 10); /* graphs without ties test little */
    assert_true(t.exact >= networks / 2 && t.moved >= networks / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(winners_are_those_of_the_reference)};
    return cmocka_run_group_tests_name("compiler/winners", tests, NULL, NULL);
}
