/* Compiled formulas: every function against C's own, a formula of the ramp against the ramp, and levels and slopes
 * under the gradient. test_agreement.c and test_maps.c compare random networks with the reference. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bouton/compiler.h"
#include "cpu_levels.h"
#include "engine/forward.h"
#include "train/learn.h"

typedef struct subject {
    bl_context *context;
    bc_code *code;
    br_schedule schedule;
    br_network *network;
} subject;

static subject subject_new(const char *text, const char *cpu)
{
    br_error error = {0};
    const bc_options options = {.cpu = cpu, .level = 2};
    subject s = {.context = bl_context_new()};
    assert_non_null(s.context);
    assert_int_equal(bl_load_text(s.context, "formula.btn", text, strlen(text)), 0);
    const bl_program *program = bl_check(s.context, NULL);
    if (!program)
        bl_write_diagnostics(s.context, stderr, false);
    assert_non_null(program);
    if (bc_compile(program, &options, &s.code, &error) != 0 || bc_lower_schedule(program, &s.schedule, &error) != 0 ||
        br_network_new(bc_code_model(s.code), &s.network, &error) != 0)
        fail_msg("%s\n%s", error.message, text);
    return s;
}

static void subject_free(subject *s)
{
    br_network_free(s->network);
    bc_lowered_schedule_free(&s->schedule);
    bc_code_free(s->code);
    bl_context_free(s->context);
}

/* Sizes, and the wanted changes of the first layer's neurons in one batch, [BATCH][HIDDEN]. */
enum { INPUTS = 23, HIDDEN = 37, CLASSES = 5, BATCH = 6, BATCHES = 5 };

typedef struct asked {
    float drive[BATCH * HIDDEN], change[BATCH * HIDDEN], error[BATCH * HIDDEN];
} asked;

typedef struct batch_job {
    br_learner *learner;
    uint32_t n;
} batch_job;

static void batch_work(void *user, uint32_t member)
{
    const batch_job *job = user;
    br_learn_part(job->learner, member, job->n);
}

static void look(const br_workspace *workspace, uint32_t n, asked *out)
{
    const br_layer_code *code = &workspace->model->layers[0];
    const br_layer_state *state = &workspace->layers[0];
    for (uint32_t i = 0; i < n; i++) {
        uint64_t from = (uint64_t)i * code->shape.out.sample_stride;
        memcpy(out->drive + i * code->shape.neurons, state->drive + from, code->shape.neurons * sizeof(float));
        memcpy(out->change + i * code->shape.neurons, state->correction + from, code->shape.neurons * sizeof(float));
        memcpy(out->error + i * code->shape.neurons, state->error + from, code->shape.neurons * sizeof(float));
    }
}

/* Learns from one batch as br_learn_batch does, and keeps the values it computed. */
static void learn(const subject *s, const float *in, uint32_t inputs, const uint32_t *labels, uint32_t n, asked *out)
{
    br_error error;
    br_team *team;
    br_learner learner;
    br_phase phase = s->schedule.phases[0];
    phase.batch = n;
    assert_int_equal(br_team_new(1, &team, &error), 0);
    assert_int_equal(br_learner_begin(&learner, s->network, team, &phase, 0, &error), 0);
    br_learner_rates(&learner, &phase, 1);
    for (uint32_t i = 0; i < n; i++)
        memcpy(learner.workspace->in + (uint64_t)i * s->network->model->layers[0].shape.in.sample_stride,
               in + i * inputs, inputs * sizeof *in);
    memcpy(learner.workspace->labels, labels, n * sizeof *labels);
    br_team_run(team, batch_work, &(batch_job){&learner, n});
    look(learner.workspace, n, out);
    br_learner_end(&learner);
    br_team_free(team);
}

/* ---- functions ---- */

static double exp_up(double x)
{
    return exp(x) / 1e4;
}

static double exp_down(double x)
{
    return exp(-fabs(x));
}

static double far(double x)
{
    return exp(fmin(1000 * x, 88)) / exp(88);
}

static double half_tanh(double x)
{
    return .5 + .5 * tanh(x);
}

static double root(double x)
{
    return sqrt(fmax(x, 0)) / 3;
}

static double mean(double x)
{
    return fmin(fmax((x + 9) / 18, .1), .8);
}

static double squared(double x)
{
    return 1 / (1 + x * x);
}

static double sharp(double x)
{
    return 1 / (1 + exp(-20 * x));
}

/* Compares the levels of the drives that compiled code computed; they may differ by `most`. */
static void compare_levels(const subject *s, const float *in, uint32_t drives, const char *formula,
                           double (*level)(double x), double most)
{
    br_workspace *workspace;
    br_error error;
    assert_int_equal(br_workspace_new(s->network, drives, false, &workspace, &error), 0);
    const br_layer_code *code = &s->network->model->layers[0];
    for (uint32_t i = 0; i < drives; i++)
        workspace->in[(uint64_t)i * code->shape.in.sample_stride] = in[i];
    br_forward_alone(workspace, 0, 1, 0, drives);
    for (uint32_t i = 0; i < drives; i++) {
        double x = workspace->layers[0].drive[(uint64_t)i * code->shape.out.sample_stride], wanted = level(x);
        double got =
            workspace->layers[0].out[(uint64_t)i * code->shape.out.sample_stride] / (double)code->parameters.range_out;
        if (!(fabs(got - wanted) <= most))
            fail_msg("%s at %g: %.9g, not %.9g", formula, x, got, wanted);
    }
    br_workspace_free(workspace);
}

/* One neuron of one connection with alpha 0 and gain 9. Its drive is 9 sign o and reaches all values from -8 to 8. */
static void functions(void **state)
{
    (void)state;
    enum { DRIVES = 2001 };
    static const struct {
        const char *formula;
        double (*level)(double x);
        double most;
    } CASES[] = {
        {"clamp(exp(x) / 1e4, 0, 1)", exp_up, 3e-7},
        {"exp(-abs(x))", exp_down, 3e-7},
        {"clamp(exp(1000 * x) / exp(88), 0, 1)", far, 3e-4}, /* stays finite, as the checker's interval says */
        {"0.5 + 0.5 * tanh(x)", half_tanh, 3e-7},
        {"clamp(sqrt(max(x, 0)) / 3, 0, 1)", root, 3e-7},
        {"clamp((x + 9) / 18, 0.1, 0.8)", mean, 3e-7},
        {"max(0.1, min(0.8, (x + 9) / 18))", mean, 3e-7},
        {"1 / (1 + square(x))", squared, 3e-7},
        {"logistic(20 * x)", sharp, 3e-6},
    };
    static float in[DRIVES];
    float alpha = 0, theta = 0;
    for (uint32_t i = 0; i < DRIVES; i++)
        in[i] = .9f * (float)i / (DRIVES - 1);
    for (size_t c = 0; c < sizeof CASES / sizeof *CASES; c++) {
        char text[512];
        br_error error;
        snprintf(text, sizeof text,
                 "neuron f(x, alpha) = %s; network n { input vector(1) in [0, 0.95]; "
                 "layer a = dense(1) { sum scaled(9); fire f; } }",
                 CASES[c].formula);
        for (uint32_t level = 0; level < CPU_LEVELS; level++) {
            if (!cpu_level_runs(level))
                continue;
            subject s = subject_new(text, cpu_levels[level]);
            for (int8_t sign = -1; sign <= 1; sign += 2) {
                assert_int_equal(br_network_import(s.network, 0, &alpha, &sign, &theta, &error), 0);
                compare_levels(&s, in, DRIVES, CASES[c].formula, CASES[c].level, CASES[c].most);
            }
            subject_free(&s);
        }
    }
}

/* ---- the ramp as a formula ---- */

static subject ramp_network(const char *fire, const char *rule)
{
    char text[1024];
    snprintf(text, sizeof text,
             "%s neuron soft(x, alpha) = clamp((x - alpha) / (1 - alpha), 0, 1);\n"
             "network n { input vector(%d) in [0, 0.5]; layer a = dense(%d) { sum scaled(8); %s }\n"
             "layer b = dense(%d) { %s } layer c = dense(%d); }\n"
             "schedule { phase p { correct a, b, c; error softmax(5) floor 0; eta 0.1; batch %d; epochs 1; } }\n",
             rule, INPUTS, HIDDEN, fire, HIDDEN, fire, CLASSES, BATCH);
    return subject_new(text, "native");
}

/* Largest difference of two tensors, relative to the largest value. */
static double apart(const float *a, const float *b, uint32_t count)
{
    double most_apart = 0, most = 0;
    for (uint32_t i = 0; i < count; i++) {
        most_apart = fmax(most_apart, fabs((double)a[i] - b[i]));
        most = fmax(most, fabs(a[i]));
    }
    return most_apart / most;
}

static void same_state(const subject *one, const subject *other)
{
    static float alpha[2][HIDDEN * HIDDEN], theta[2][HIDDEN];
    static int8_t sign[2][HIDDEN * HIDDEN];
    static const uint32_t sizes[][2] = {{INPUTS, HIDDEN}, {HIDDEN, HIDDEN}, {HIDDEN, CLASSES}};
    for (uint32_t l = 0; l < 3; l++) {
        br_network_export(one->network, l, alpha[0], sign[0], theta[0]);
        br_network_export(other->network, l, alpha[1], sign[1], theta[1]);
        assert_true(apart(alpha[0], alpha[1], sizes[l][0] * sizes[l][1]) < 1e-5);
    }
}

/* Forward and learning, with saturated neurons: gain 8 drives many past 1, where only a decrease of y is corrected. */
static void soft_is_the_ramp(void **state)
{
    (void)state;
    static const char *const RULES[] = {"", "rule gradient;"};
    for (size_t r = 0; r < 2; r++) {
        subject ramp = ramp_network("fire ramp;", RULES[r]), soft = ramp_network("fire soft;", RULES[r]);
        float in[BATCH * INPUTS], levels[2][BATCH * CLASSES];
        asked seen;
        uint32_t labels[BATCH], falling = 0;
        uint64_t draw = 20240711;
        br_error error;
        for (uint64_t b = 0; b < BATCHES; b++) {
            assert_int_equal(br_network_start(ramp.network, ramp.schedule.starts, b, &error), 0);
            assert_int_equal(br_network_start(soft.network, soft.schedule.starts, b, &error), 0);
            for (uint32_t i = 0; i < BATCH * INPUTS; i++) {
                draw = draw * 6364136223846793005u + 1442695040888963407u;
                in[i] = .5f * (float)(draw >> 40) / (1 << 24);
            }
            for (uint32_t i = 0; i < BATCH; i++)
                labels[i] = (draw >> (20 + i)) % CLASSES;
            assert_int_equal(br_forward_batch(ramp.network, in, BATCH, levels[0], &error), 0);
            assert_int_equal(br_forward_batch(soft.network, in, BATCH, levels[1], &error), 0);
            assert_true(apart(levels[0], levels[1], BATCH * CLASSES) < 1e-5);
            learn(&ramp, in, INPUTS, labels, BATCH, &seen);
            for (uint32_t i = 0; i < BATCH * HIDDEN; i++)
                falling += seen.drive[i] > 1 && seen.error[i] < 0;
            learn(&soft, in, INPUTS, labels, BATCH, &seen);
            same_state(&ramp, &soft);
        }
        assert_true(r == 1 ? falling == 0 : falling > 0); /* otherwise the test would not cover them */
        subject_free(&ramp);
        subject_free(&soft);
    }
}

/* ---- the gradient ---- */

/* A falling formula changes the sign of the wanted change. The gradient multiplies it by s times the slope, the
 * repaired rule by the slope over the square of the steepest slope. */
static void slopes_turn_round(void **state)
{
    (void)state;
    static const struct {
        const char *rule;
        double factor;
    } CASES[] = {{"", -2}, {"rule gradient;", -.25}}; /* slope -1/2, steepest 1/2, s 1/2 */
    for (size_t c = 0; c < sizeof CASES / sizeof *CASES; c++) {
        char text[512];
        br_error error;
        snprintf(text, sizeof text,
                 "%s neuron sink(x, alpha) = clamp(0.5 - x / 2, 0, 1); network n { input vector(3) in [0, 0.5]; "
                 "layer a = dense(4) { sum scaled(1); fire sink; } layer b = dense(2); }"
                 "schedule { phase p { correct a, b; error hinge(1) floor 0; eta 0.001; } }",
                 CASES[c].rule);
        subject s = subject_new(text, "native");
        const float in[3] = {.5f, .3f, .1f};
        const uint32_t label = 0;
        asked seen;
        uint32_t count = 0;
        assert_int_equal(br_network_start(s.network, s.schedule.starts, 3, &error), 0);
        learn(&s, in, 3, &label, 1, &seen);
        for (uint32_t i = 0; i < 4; i++) {
            assert_true(fabs(seen.drive[i]) < 1);
            assert_true(fabs(seen.error[i] - CASES[c].factor * seen.change[i]) <= 1e-6 * fabs(seen.change[i]));
            count += seen.change[i] != 0;
        }
        assert_true(count > 0);
        subject_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions),
        cmocka_unit_test(soft_is_the_ramp),
        cmocka_unit_test(slopes_turn_round),
    };
    return cmocka_run_group_tests_name("compiler/formula", tests, NULL, NULL);
}
