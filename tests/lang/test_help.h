/* Helpers of the test suites of lang: load texts, collect codes and dumps, compare programs field by field. */
#ifndef TEST_HELP_H
#define TEST_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bouton/inspect.h"
#include "bouton/lang.h"
#include "report/context.h"

/* A text that uses most of the language, for every suite. */
#define WHOLE_TEXT                                                                                                     \
    "let H = 2 * (8 + 2);\n"                                                                                           \
    "let share = 25%;\n"                                                                                               \
    "rule repaired;\n"                                                                                                 \
    "network other { input vector(3); layer out = dense(2); }\n"                                                       \
    "network digits {\n"                                                                                               \
    "  input image(28x28) in [0, 0.5];\n"                                                                              \
    "  layer hidden = dense(H) {\n"                                                                                    \
    "    signs mixed(share) switching at tau 0.25;\n"                                                                  \
    "    alpha in [0.01, 0.45] = uniform(0.1, 0.3);\n"                                                                 \
    "    neuron alpha 0.06 up to 0.8 learned xi 0.01;\n"                                                               \
    "    leak 0.3; sum shared(2); fire ramp; range [0, 0.7];\n"                                                        \
    "  }\n"                                                                                                            \
    "  layer sum = dense(12) from hidden { signs excitatory; alpha = distinct; sum raw; learned xi 5%; }\n"            \
    "  layer class = dense(10) { signs inhibitory switching; alpha = constant(0.125); }\n"                             \
    "}\n"                                                                                                              \
    "data mixed {\n"                                                                                                   \
    "  idx train \"a-images.gz\", \"a-labels.gz\"; csv train \"b.csv\" label first;\n"                                 \
    "  npy test \"x \\\"1\\\".npy\", \"y.npy\"; csv test \"c.csv\";\n"                                                 \
    "  synthetic digits(train 1_000, test 200,);\n"                                                                    \
    "  hold out 10% of train as validation; values in [-1, 255];\n"                                                    \
    "}\n"                                                                                                              \
    "schedule {\n"                                                                                                     \
    "  seed 7;\n"                                                                                                      \
    "  phase warm { correct hidden, sum; error hinge(0.2); eta 0.2, 0.1 on sum; decay 0.5; xi 0.9; epochs 2; }\n"      \
    "  phase learn { correct class, hidden, sum; error softmax(4) floor 0.002; eta 0.3 on hidden, decay 0.88;\n"       \
    "    epochs 3; batch 16; replicas H / 5 merge every 2 batches; shift 1; keep best on validation; }\n"              \
    "}\n"                                                                                                              \
    "expect accuracy >= 98.3% on test; expect accuracy >= 0.9 on validation;\n"

/* A text with maps, neighbourhoods, competition and encodings. */
#define WHOLE_MAPS                                                                                                     \
    "rule gradient;\n"                                                                                                 \
    "let sharp = -2 * 4;\n"                                                                                            \
    "neuron bump(drive, alpha) = exp((drive - alpha) * (drive - alpha) * sharp);\n"                                    \
    "neuron odd(v, t) = clamp(1 - 2 * (v - (t - 5%)) - -3 / (4 + abs(-v)), 0, 1 - (0.1 + 0.2 * t / (1 + 1)));\n"       \
    "network pictures {\n"                                                                                             \
    "  input image(32x32, rgb) in [0, 0.5] { opponent; normalise local 7x7; whiten 2000 patches of 6x6; split on "     \
    "off; }\n"                                                                                                         \
    "  layer edges = conv(7x7, 128) stride 1 padding same {\n"                                                         \
    "    alpha in [0, 0.5] = from patches; range [0, 0.6];\n"                                                          \
    "    depress over filters within 8 gap 0.05; depress over filters keep 6%; depress over places 3x3 gap 0.02;\n"    \
    "    fire binary;\n"                                                                                               \
    "  }\n"                                                                                                            \
    "  layer pooled = pool(sum) grid 4x4 { calibrate 1.5; }\n"                                                         \
    "  layer small = pool(max) 3x3 stride 2 from edges;\n"                                                             \
    "  layer still = conv(3x5, 4) stride 2x2 { alpha = uniform(0, 0.3) frozen; fire logistic(3); }\n"                  \
    "  layer both = conv(1x1, 6) stride 3 padding same from edges, input { fire odd; }\n"                              \
    "  layer thin = pool(mean) 2x2 from both;\n"                                                                       \
    "  layer hidden = dense(20) from pooled, thin, still, input { depress over filters keep 5; }\n"                    \
    "  layer more = dense(7) { fire odd; }\n"                                                                          \
    "  layer class = dense(100) from hidden, more { neuron alpha 0.2 up to 0.3; fire bump; }\n"                        \
    "}\n"                                                                                                              \
    "data c { cifar100 train \"a.gz\", \"b\"; cifar100 test \"c\"; images validation \"x\"; values in [0, 200]; }\n"   \
    "schedule {\n"                                                                                                     \
    "  phase features { compete edges; sample 1_000 patches; xi 0.04 to 0.004; target standard; conscience 0.02;\n"    \
    "    alienate 0.5; flips; }\n"                                                                                     \
    "  phase upper { compete hidden; xi 0.03; }\n"                                                                     \
    "  phase readout { correct class, both; flips; shift 1; cutout 9; keep best on validation; }\n"                    \
    "}\n"

/* A text with every way to say how tables, archives and labels are read, and a series. */
#define WHOLE_TABLES                                                                                                   \
    "let none = 3; let missing = none * 2;\n"                                                                          \
    "network gestures {\n"                                                                                             \
    "  input series(48, missing) in [0, 0.7] { split on off; }\n"                                                      \
    "  layer beats = conv(5, 8) stride 2 padding same { depress over places 3 gap 0.01; }\n"                           \
    "  layer peaks = pool(max) 4 stride 3;\n"                                                                          \
    "  layer both  = conv(1x3, 4) stride 1x2 from beats;\n"                                                            \
    "  layer cells = pool(mean) grid 3 { jitter 2; }\n"                                                                \
    "  layer sums  = pool(sum) 2 from both { calibrate 1.5; }\n"                                                       \
    "  layer class = dense(none) from peaks, cells, sums;\n"                                                           \
    "}\n"                                                                                                              \
    "data series {\n"                                                                                                  \
    "  csv train \"a.csv\" label \"kind of\" without \"id\", \"3\" categories \"colour\", \"7\" header missing as "    \
    "mean;\n"                                                                                                          \
    "  csv train \"b.csv\" categories label first no header missing as 0;\n"                                           \
    "  csv train \"c.csv\" label last;\n"                                                                              \
    "  npz train \"d.npz\"; npz train \"e.npz\" values \"x\" label \"y\"; npz train \"f.npz\" label \"names\";\n"      \
    "  no header; missing as 0;\n"                                                                                     \
    "  classes \"caf\xc3\xa9 \\\"au lait\\\"\", \"back\\\\slash\", \"3\";\n"                                           \
    "  values standardised;\n"                                                                                         \
    "  hold out 10% of train as validation; hold out 1/5 of train as test;\n"                                          \
    "}\n"                                                                                                              \
    "schedule { phase learn { correct beats, both, class; shift 5; keep best on validation; } }\n"                     \
    "expect accuracy >= 50% on test;\n"

/* A text with every way to prepare pictures. */
#define WHOLE_PICTURES                                                                                                 \
    "network leaves { input image(9x7, rgb); layer class = dense(2); }\n"                                              \
    "data leaves {\n"                                                                                                  \
    "  images train \"leaves\"; csv train \"rows.csv\" header;\n"                                                      \
    "  background rgb(255, 16 * 8, 0); invert; transpose; turn 90 * 3; values in columns; missing as mean; header;\n"  \
    "}\n"

static inline bl_context *load(const char *text)
{
    bl_context *context = bl_context_new();
    assert_non_null(context);
    assert_int_equal(bl_load_text(context, "test.btn", text, strlen(text)), 0);
    return context;
}

/* The codes of all diagnostics in order of place: "E0301 E0309". */
static inline void codes_of(bl_context *context, char *out, size_t room)
{
    bl_findings sorted;
    assert_int_equal(bl_find(context, &sorted), 0);
    out[0] = '\0';
    for (uint32_t i = 0; i < sorted.count; i++) {
        size_t used = strlen(out);
        snprintf(out + used, room - used, "%s%s", used > 0 ? " " : "", sorted.list[i].code);
    }
}

static inline void expect_codes_named(const char *text, const char *codes, const char *network)
{
    char found[4096];
    bl_context *context = load(text);
    const bl_program *program = bl_check(context, network);
    codes_of(context, found, sizeof found);
    if (strcmp(found, codes) != 0) {
        print_error("%s\n", text);
        bl_write_diagnostics(context, stderr, false);
    }
    assert_string_equal(found, codes);
    assert_int_equal(program == NULL, strchr(codes, 'E') != NULL);
    bl_context_free(context);
}

static inline void expect_codes(const char *text, const char *codes)
{
    expect_codes_named(text, codes, NULL);
}

/* Calls a function that writes to `to`, and stores the text, to be freed, in `out`. */
#define WRITTEN(out, call)                                                                                             \
    do {                                                                                                               \
        size_t written_length;                                                                                         \
        FILE *to = open_memstream(&(out), &written_length);                                                            \
        assert_non_null(to);                                                                                           \
        call;                                                                                                          \
        fclose(to);                                                                                                    \
    } while (0)

static inline void same_layer(const bl_layer *a, const bl_layer *b)
{
    assert_string_equal(a->name, b->name);
    assert_int_equal(a->inputs, b->inputs);
    assert_int_equal(a->neurons, b->neurons);
    assert_true(a->range_in == b->range_in && a->range_out == b->range_out);
    assert_true(a->excitatory == b->excitatory && a->switches == b->switches && a->tau == b->tau);
    assert_true(a->alpha_min == b->alpha_min && a->alpha_max == b->alpha_max && a->start == b->start);
    assert_true(a->start_low == b->start_low && a->start_high == b->start_high);
    assert_true(a->theta == b->theta && a->theta_xi == b->theta_xi && a->theta_max == b->theta_max);
    assert_true(a->leak == b->leak && a->sum == b->sum && a->gain == b->gain);
}

/* Compares sources and shapes of two layers. */
static inline void same_map(const bl_layer *a, const bl_layer *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->source_count, b->source_count);
    for (uint32_t i = 0; i < a->source_count; i++)
        assert_int_equal(a->sources[i], b->sources[i]);
    assert_memory_equal(&a->in, &b->in, sizeof a->in);
    assert_memory_equal(&a->out, &b->out, sizeof a->out);
    assert_true(a->field_height == b->field_height && a->field_width == b->field_width && a->stride == b->stride);
    assert_true(a->pad_top == b->pad_top && a->pad_left == b->pad_left);
    assert_true(a->pooling == b->pooling && a->grid == b->grid && a->calibrate == b->calibrate &&
                a->jitter == b->jitter);
}

/* Compares lateral depression and firing of two layers. */
static inline void same_neighbours(const bl_layer *a, const bl_layer *b)
{
    assert_true(a->fire == b->fire && a->logistic_k == b->logistic_k && a->frozen == b->frozen);
    assert_true(a->formula == b->formula && a->steepest == b->steepest);
    assert_int_equal(a->depress_count, b->depress_count);
    for (uint32_t i = 0; i < a->depress_count; i++) {
        const bl_depress *x = &a->depress[i], *y = &b->depress[i];
        assert_true(x->over_places == y->over_places && x->within == y->within && x->keep == y->keep);
        assert_true(x->height == y->height && x->width == y->width && x->gap == y->gap);
    }
}

static inline void same_input(const bl_input *a, const bl_input *b)
{
    assert_true(a->image == b->image && a->series == b->series && a->height == b->height && a->width == b->width);
    assert_true(a->channels == b->channels && a->range == b->range);
    assert_memory_equal(&a->encoded, &b->encoded, sizeof a->encoded);
    assert_int_equal(a->encoding_count, b->encoding_count);
    for (uint32_t i = 0; i < a->encoding_count; i++) {
        const bl_encoding *x = &a->encodings[i], *y = &b->encodings[i];
        assert_true(x->kind == y->kind && x->height == y->height && x->width == y->width && x->patches == y->patches);
    }
}

static inline void same_text(const char *a, const char *b)
{
    assert_int_equal(a == NULL, b == NULL);
    if (a != NULL)
        assert_string_equal(a, b);
}

static inline void same_names(const char *const *a, uint32_t a_count, const char *const *b, uint32_t b_count)
{
    assert_int_equal(a_count, b_count);
    for (uint32_t i = 0; i < a_count; i++)
        assert_string_equal(a[i], b[i]);
}

static inline void same_source(const bl_source *a, const bl_source *b)
{
    const bl_table *x = &a->table, *y = &b->table;
    assert_true(a->format == b->format && a->split == b->split && a->samples == b->samples);
    same_text(a->inputs, b->inputs);
    same_text(a->labels, b->labels);
    same_text(a->member, b->member);
    same_text(a->labels_of, b->labels_of);
    assert_true(x->label == y->label && x->header == y->header && x->missing == y->missing);
    same_text(x->label_name, y->label_name);
    same_names(x->without, x->without_count, y->without, y->without_count);
    assert_int_equal(x->all_categories, y->all_categories);
    same_names(x->categories, x->category_count, y->categories, y->category_count);
}

static inline void same_data(const bl_data *a, const bl_data *b)
{
    assert_int_equal(a == NULL, b == NULL);
    if (a == NULL)
        return;
    assert_string_equal(a->name, b->name);
    assert_true(a->hold_out == b->hold_out && a->values_given == b->values_given);
    assert_true(a->low == b->low && a->high == b->high && a->source_count == b->source_count);
    for (uint32_t i = 0; i < a->source_count; i++)
        same_source(&a->sources[i], &b->sources[i]);
    assert_true(a->hold_out_test == b->hold_out_test && a->scaling == b->scaling);
    same_names(a->class_names, a->class_count, b->class_names, b->class_count);
    const bl_pictures *p = &a->pictures, *q = &b->pictures;
    assert_true(p->invert == q->invert && p->transpose == q->transpose && p->turns == q->turns);
    assert_int_equal(p->background_given, q->background_given);
    assert_memory_equal(p->background, q->background, sizeof p->background);
}

static inline void same_phase(const bl_phase *a, const bl_phase *b)
{
    assert_string_equal(a->name, b->name);
    assert_true(a->kind == b->kind && a->compete == b->compete && a->patches == b->patches);
    assert_true(a->xi_to == b->xi_to && a->target == b->target && a->conscience == b->conscience);
    assert_true(a->alienate == b->alienate && a->mirror == b->mirror);
    assert_int_equal(a->layer_count, b->layer_count);
    for (uint32_t i = 0; i < a->layer_count; i++)
        assert_true(a->layers[i] == b->layers[i] && a->eta[i] == b->eta[i]);
    assert_true(a->xi == b->xi && a->decay == b->decay && a->error == b->error);
    assert_true(a->sharpness == b->sharpness && a->floor == b->floor);
    assert_true(a->epochs == b->epochs && a->batch == b->batch && a->shift == b->shift && a->cutout == b->cutout);
    assert_true(a->course == b->course && a->warm_up == b->warm_up);
    assert_true(a->replicas == b->replicas && a->merge == b->merge);
    assert_true(a->momentum == b->momentum && a->adapts == b->adapts && a->adaptive == b->adaptive);
    assert_int_equal(a->anneal_count, b->anneal_count);
    for (uint32_t i = 0; i < a->anneal_count; i++) {
        assert_int_equal(a->anneals[i].layer, b->anneals[i].layer);
        assert_true(a->anneals[i].from == b->anneals[i].from && a->anneals[i].to == b->anneals[i].to);
        assert_true(a->anneals[i].over == b->anneals[i].over);
    }
    assert_int_equal(a->prune_count, b->prune_count);
    for (uint32_t i = 0; i < a->prune_count; i++)
        assert_true(a->prunes[i].layer == b->prunes[i].layer && a->prunes[i].keep == b->prunes[i].keep);
    assert_true(a->prune_count == 0 || a->prune_over == b->prune_over);
    assert_true(a->keep_best == b->keep_best && a->weigh_classes == b->weigh_classes);
    assert_int_equal(a->readout_count, b->readout_count);
    assert_true(a->by_layer == b->by_layer && a->readouts_alone == b->readouts_alone);
}

static inline void same_formula(const bl_formula *a, const bl_formula *b)
{
    assert_string_equal(a->name, b->name);
    assert_string_equal(a->drive, b->drive);
    assert_string_equal(a->alpha, b->alpha);
    assert_int_equal(a->step_count, b->step_count);
    for (uint32_t i = 0; i < a->step_count; i++)
        assert_true(a->steps[i].operation == b->steps[i].operation && a->steps[i].number == b->steps[i].number);
}

static inline void same_program(const bl_program *a, const bl_program *b)
{
    assert_string_equal(a->name, b->name);
    assert_int_equal(a->rule, b->rule);
    same_input(&a->input, &b->input);
    assert_int_equal(a->formula_count, b->formula_count);
    for (uint32_t i = 0; i < a->formula_count; i++)
        same_formula(&a->formulas[i], &b->formulas[i]);
    assert_true(a->layer_count == b->layer_count && a->readout_layers == b->readout_layers);
    assert_true(a->keep_readouts == b->keep_readouts);
    for (uint32_t i = 0; i < a->layer_count + a->readout_layers; i++) {
        same_layer(&a->layers[i], &b->layers[i]);
        same_map(&a->layers[i], &b->layers[i]);
        same_neighbours(&a->layers[i], &b->layers[i]);
    }
    same_data(a->data, b->data);
    assert_true(a->seed == b->seed);
    assert_int_equal(a->phase_count, b->phase_count);
    for (uint32_t i = 0; i < a->phase_count; i++)
        same_phase(&a->phases[i], &b->phases[i]);
    assert_int_equal(a->expect_count, b->expect_count);
    for (uint32_t i = 0; i < a->expect_count; i++)
        assert_true(a->expects[i].least == b->expects[i].least && a->expects[i].on == b->expects[i].on);
}

#endif
