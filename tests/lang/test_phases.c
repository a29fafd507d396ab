/* Phases that compete or correct on maps, and the pictures they learn from. */
#include "test_help.h"

#define NET(layers)    "network n { input image(32x32, rgb); " layers " layer class = dense(100); }"
#define EDGES          "layer edges = conv(5x5, 9) { depress over filters; } "
#define TWO            EDGES "layer pooled = pool(max) 2x2; layer upper = conv(3x3, 8) { depress over filters within 2; } "
#define PHASE(items)   " phase p { " items " } "
#define LEARN(items)   NET(TWO) " schedule { " items " }"
#define COMPETE(items) LEARN(PHASE("compete edges; " items))
#define DATA(items)    NET("") " data d { " items " }"
#define COLOURS(items) "network n { input image(1x1, rgb); layer a = conv(1x1, 9) { depress over filters; } } " items
#define PALETTE        " schedule {" PHASE("compete a;") "}"

static void defaults(void **state)
{
    (void)state;
    bl_context *context = load(COMPETE(""));
    const bl_program *program = bl_check(context, NULL);
    assert_non_null(program);
    const bl_phase expected = {.name = "p",
                               .kind = BT_PHASE_COMPETE,
                               .compete = 0,
                               .patches = 200000,
                               .xi = 0.05,
                               .xi_to = 0.005,
                               .target = BT_TARGET_PATTERN,
                               .conscience = 0.01,
                               .layer_count = 1,
                               .layers = (const uint32_t[]){0},
                               .eta = (const double[]){0}};
    assert_int_equal(program->phase_count, 1);
    same_phase(&program->phases[0], &expected);
    bl_context_free(context);
}

static void settings(void **state)
{
    (void)state;
    bl_context *context = load(WHOLE_MAPS);
    const bl_program *program = bl_check(context, NULL);
    assert_non_null(program);
    assert_int_equal(program->rule, BT_RULE_GRADIENT);
    const bl_phase features = {.name = "features",
                               .kind = BT_PHASE_COMPETE,
                               .compete = 0,
                               .patches = 1000,
                               .xi = 0.04,
                               .xi_to = 0.004,
                               .target = BT_TARGET_STANDARD,
                               .conscience = 0.02,
                               .alienate = 0.5,
                               .mirror = true,
                               .layer_count = 1,
                               .layers = (const uint32_t[]){0},
                               .eta = (const double[]){0}};
    same_phase(&program->phases[0], &features);
    assert_true(program->phases[1].compete == 6 && program->phases[1].layers[0] == 6);
    assert_true(program->phases[1].xi == 0.03 && program->phases[1].xi_to == 0.03);
    const bl_phase *readout = &program->phases[2];
    assert_true(readout->kind == BT_PHASE_CORRECT && readout->mirror && readout->layer_count == 2);
    assert_true(readout->shift == 1 && readout->cutout == 9);
    assert_true(readout->layers[0] == 4 && readout->layers[1] == 8);
    assert_true(readout->eta[0] == 0.3 && readout->eta[1] == 0.05);
    bl_context_free(context);
}

/* Without a schedule every layer learns except pools and frozen layers. */
static void default_schedule(void **state)
{
    (void)state;
    bl_context *context = load("network n { input image(28x28); layer a = conv(5x5, 4) { alpha frozen; }"
                               "layer p = pool(max) 2x2; layer b = conv(3x3, 4); layer c = dense(10); }"
                               "data d { synthetic digits(train 9); }");
    const bl_program *program = bl_check(context, NULL);
    assert_non_null(program);
    assert_int_equal(program->phase_count, 1);
    const bl_phase *phase = program->phases;
    assert_true(phase->layer_count == 2 && phase->layers[0] == 2 && phase->layers[1] == 3);
    assert_true(phase->eta[0] == 0.3 && phase->eta[1] == 0.05 && !phase->mirror && !phase->weigh_classes);
    bl_context_free(context);
    context = load("network n { input image(28x28); layer c = dense(10) { alpha frozen; } }"
                   "data d { synthetic digits(train 9); }");
    program = bl_check(context, NULL);
    assert_non_null(program);
    assert_int_equal(program->phase_count, 0);
    bl_context_free(context);
}

/* Every course, the means of steps, and the defaults of each; a dump says the same. */
static void courses(void **state)
{
    (void)state;
    static const struct {
        const char *items;
        bl_phase expected;
    } CASES[] = {
        {"", {.course = BT_COURSE_DECAY, .decay = 0.85}},
        {"eta 0.3, decay 0.5;", {.course = BT_COURSE_DECAY, .decay = 0.5}},
        {"decay 0.5; eta 0.3, warm up 7 steps;", {.course = BT_COURSE_DECAY, .decay = 0.5, .warm_up = 7}},
        {"eta 0.3 constant;", {.course = BT_COURSE_CONSTANT, .decay = 0.85}},
        {"eta 0.3 on a, cosine;", {.course = BT_COURSE_COSINE, .decay = 0.85}},
        {"eta linear, 0.3, warm up 2 * 150 steps;", {.course = BT_COURSE_LINEAR, .decay = 0.85, .warm_up = 300}},
        {"momentum 0.9; eta 0.3;", {.decay = 0.85, .momentum = 0.9}},
        {"replicas 2 * 4 merge every 10 batches;", {.decay = 0.85, .replicas = 8, .merge = 10}},
        {"replicas 1 merge every 3 batches;", {.decay = 0.85, .replicas = 1, .merge = 3}},
        {"adaptive 99%; momentum 0.5; eta 0.3;", {.decay = 0.85, .momentum = 0.5, .adapts = true, .adaptive = 0.99}},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        char *text = NULL, *dumped = NULL;
        WRITTEN(text, fprintf(to,
                              "network n { input vector(4); layer a = dense(3); }"
                              "schedule { phase p { correct a; %s } }",
                              CASES[i].items));
        bl_context *context = load(text);
        const bl_program *program = bl_check(context, NULL);
        assert_non_null(program);
        bl_phase expected = CASES[i].expected;
        const bl_phase *phase = &program->phases[0];
        assert_true(phase->course == expected.course && phase->decay == expected.decay);
        assert_true(phase->warm_up == expected.warm_up && phase->momentum == expected.momentum);
        assert_true(phase->adapts == expected.adapts && phase->adaptive == expected.adaptive);
        assert_true(phase->replicas == (expected.merge > 0 ? expected.replicas : 1) && phase->merge == expected.merge);
        WRITTEN(dumped, bl_dump_model(program, to));
        bl_context *again = load(dumped);
        program = bl_check(again, NULL);
        assert_non_null(program);
        expected = *phase;
        if (expected.course != BT_COURSE_DECAY)
            expected.decay = 0.85;
        same_phase(&program->phases[0], &expected);
        bl_context_free(again);
        bl_context_free(context);
        free(dumped);
        free(text);
    }
}

/* A share without a layer is for all corrected layers that have none of their own; a dump says the same. */
static void prunes(void **state)
{
    (void)state;
    static const bl_prune expected[] = {{1, .2}, {3, .5}};
    char *dumped = NULL;
    bl_context *context =
        load("network n { input vector(4); layer a = dense(3); layer b = dense(5); layer c = dense(6);"
             "layer d = dense(2); } schedule { phase q { correct b, c, d with readouts;"
             "prune to 20%, 1 on c, 1/2 on d; } }");
    const bl_program *program = bl_check(context, NULL);
    assert_non_null(program);
    const bl_phase *phase = &program->phases[0];
    assert_int_equal(phase->prune_count, 2);
    assert_true(phase->prune_over == .5);
    for (uint32_t i = 0; i < 2; i++)
        assert_true(phase->prunes[i].layer == expected[i].layer && phase->prunes[i].keep == expected[i].keep);
    WRITTEN(dumped, bl_dump_model(program, to));
    bl_context *again = load(dumped);
    const bl_program *same = bl_check(again, NULL);
    assert_non_null(same);
    same_phase(phase, &same->phases[0]);
    free(dumped);
    bl_context_free(again);
    bl_context_free(context);
}

/* An anneal without a layer is for all depressed layers at or above the lowest one corrected that have none of their own;
 * a dump says the same. */
static void anneals(void **state)
{
    (void)state;
    static const bl_anneal expected[] = {{2, 1, .25, 0.3}, {4, .5, .2, 1}};
    char *dumped = NULL;
    bl_context *context = load(
        "network n { input image(8x8); layer a = conv(1x1, 8) { depress over filters keep 3; }"
        "layer b = conv(1x1, 8); layer p = pool(max) 2x2 { depress over filters keep 2; depress over places 3x3; }"
        "layer c = conv(1x1, 8) { depress over places 3x3; } layer d = dense(20) { depress over filters keep 20%; }"
        "layer e = dense(4); } schedule { phase q { correct b, e;"
        "anneal keep 50% to 4/20 over 1 on d, 100% to 25% over 30%; } }");
    const bl_program *program = bl_check(context, NULL);
    assert_non_null(program);
    const bl_phase *phase = &program->phases[0];
    assert_int_equal(phase->anneal_count, 2);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(phase->anneals[i].layer, expected[i].layer);
        assert_true(phase->anneals[i].from == expected[i].from && phase->anneals[i].to == expected[i].to);
        assert_true(phase->anneals[i].over == expected[i].over);
    }
    WRITTEN(dumped, bl_dump_model(program, to));
    bl_context *again = load(dumped);
    assert_non_null(program = bl_check(again, NULL));
    same_phase(&program->phases[0], phase);
    bl_context_free(again);
    bl_context_free(context);
    free(dumped);
}

/* An adaptive step is in units of the range, so every layer has the same rate. */
static void adaptive_rates(void **state)
{
    (void)state;
    bl_context *context =
        load(LEARN(PHASE("correct edges, upper, class; adaptive 0.99;") " phase q { correct edges, upper, class; eta "
                                                                        "0.1 on upper; adaptive 0.99; }"));
    const bl_program *program = bl_check(context, NULL);
    assert_non_null(program);
    const double *first = program->phases[0].eta, *second = program->phases[1].eta;
    assert_true(first[0] == 0.012 && first[1] == 0.012 && first[2] == 0.012);
    assert_true(second[0] == 0.012 && second[1] == 0.1 && second[2] == 0.012);
    bl_context_free(context);
}

/* The number of steps is known before the data are read only for drawn digits of which none are held out. */
static void warm_up_ends_with_the_phase(void **state)
{
    (void)state;
    static const struct {
        const char *data, *items, *codes;
    } CASES[] = {
        {"synthetic digits(train 10);", "batch 3; epochs 2; eta warm up 8 steps;", ""},
        {"synthetic digits(train 10);", "batch 3; epochs 2; eta warm up 9 steps;", "E0617"},
        {"synthetic digits(train 10);", "eta warm up 9 steps; batch 3; epochs 2;", "E0617"},
        {"synthetic digits(train 10, test 90);", "batch 3; epochs 2; eta warm up 9 steps;", "E0617"},
        {"synthetic digits(train 10);", "batch 3; replicas 4 merge every 2 batches;", ""},
        {"synthetic digits(train 10);", "replicas 5 merge every 2 batches; batch 3;", "E0650"},
        {"idx train \"a\", \"b\";", "replicas 5 merge every 2 batches; batch 3;", ""},
        {"synthetic digits(train 10); hold out 50% of train as test;", "batch 3; epochs 2; eta warm up 9 steps;", ""},
        {"idx train \"a\", \"b\"; synthetic digits(train 10);", "batch 3; epochs 2; eta warm up 9 steps;", ""},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        char *text = NULL;
        WRITTEN(text, fprintf(to,
                              "network n { input image(28x28); layer a = dense(10); } data d { %s }"
                              "schedule { phase p { correct a; %s } }",
                              CASES[i].data, CASES[i].items));
        expect_codes(text, CASES[i].codes);
        free(text);
    }
}

/* Every file and folder is a source of its own. */
static void pictures(void **state)
{
    (void)state;
    static const struct {
        bt_format format;
        bt_split split;
        const char *inputs;
    } EXPECTED[] = {{BT_FORMAT_CIFAR100, BT_SPLIT_TRAIN, "a.gz"},
                    {BT_FORMAT_CIFAR100, BT_SPLIT_TRAIN, "b"},
                    {BT_FORMAT_CIFAR10, BT_SPLIT_TEST, "c"},
                    {BT_FORMAT_FOLDER, BT_SPLIT_VALIDATION, "x"}};
    bl_context *context = load(DATA("cifar100 train \"a.gz\", \"b\"; cifar10 test \"c\"; images validation \"x\";"));
    const bl_program *program = bl_check(context, NULL);
    assert_non_null(program);
    const bl_data *data = program->data;
    assert_true(data->source_count == 4 && data->low == 0 && data->high == 255 && !data->values_given);
    for (uint32_t i = 0; i < 4; i++) {
        const bl_source *source = &data->sources[i];
        assert_true(source->format == EXPECTED[i].format && source->split == EXPECTED[i].split);
        assert_string_equal(source->inputs, EXPECTED[i].inputs);
        assert_null(source->labels);
        assert_true(source->place.length > 0);
    }
    bl_context_free(context);
}

static const struct {
    const char *text, *codes;
} REFUSED[] = {
    /* layers that can learn */
    {COMPETE("sample 5 patches; xi 0.1 to 0.01; target standard; conscience 0; alienate 1; flips;"), ""},
    {LEARN(PHASE("correct class; weight classes by rarity;")), ""},
    {COMPETE("weight classes by rarity;"), "E0410"},
    {COMPETE("cutout 2;"), "E0410"},
    {LEARN(PHASE("correct class; weight classes by rarity; weight classes by rarity;")), "E0309"},
    {LEARN(PHASE("compete class;")), "E0611"},
    {LEARN(PHASE("compete pooled;")), "E0613"},
    {LEARN(PHASE("correct pooled, class;")), "E0613"},
    {LEARN(PHASE("correct class; eta 0.1 on pooled;")), "E0604"},
    {LEARN(PHASE("compete edge;")), "E0406"},
    {LEARN(PHASE("compete edges, upper;")), "E0610"},
    {LEARN(PHASE("compete edges; correct class;")), "E0609"},
    {LEARN(PHASE("correct class; compete edges; epochs 3;")), "E0609"},
    {NET("layer a = conv(3x3, 9) { alpha frozen; depress over filters; }") " schedule {" PHASE("compete a;") "}",
     "E0614"},
    {NET("layer a = conv(3x3, 9) { alpha frozen; }") " schedule {" PHASE("correct a, class;") "}", "E0614"},
    /* layers compete one after the other, from the input up */
    {LEARN("phase a { compete edges; } phase b { compete upper; } phase c { correct class; }"), ""},
    {LEARN("phase a { compete edges; } phase b { compete edges; }"), ""},
    {LEARN("phase a { compete upper; } phase b { compete edges; }"), "E0612"},
    {LEARN("phase a { correct class; } phase b { compete upper; }"), "E0612"},
    {LEARN("phase a { correct edges; } phase b { compete edges; }"), ""},
    {NET(EDGES "layer twin = conv(5x5, 9) from input { depress over filters; } layer j = pool(max) 2x2 from edges, "
               "twin;") " schedule { phase a { compete twin; } phase b { compete edges; } }",
     ""},
    /* winners that fall in number, down to those at rest */
    {LEARN(PHASE("correct edges, class; anneal keep 100% to 1/9 over 30%;")), ""},
    {LEARN(PHASE("correct edges, class; anneal keep 1 to 12% over 1 on edges;")), ""},
    {"let anneal = 0.5;" LEARN(PHASE("correct edges; anneal keep anneal to anneal / 5 over anneal,;")), ""},
    {COMPETE("anneal keep 1 to 1/9 over 30%;"), "E0410"},
    {LEARN(PHASE("correct edges; anneal keep 1 to 1/9 over 30%; anneal keep 1 to 1/9 over 30%;")), "E0309"},
    {LEARN(PHASE("correct edges; anneal keep 10% to 1/9 over 30%;")), "E0630"},
    {LEARN(PHASE("correct edges; anneal keep 1 to 2/9 over 30%;")), "E0631"},
    {LEARN(PHASE("correct edges; anneal keep 1 to 2/9 over 30%, 1 to 1/9 over 30% on edges;")), ""},
    {LEARN(PHASE("correct edges; anneal keep 1 to 1/9 over 30% on pooled;")), "E0632"},
    {LEARN(PHASE("correct edges; anneal keep 1 to 1/9 over 30% on upper;")), "E0632"},
    {LEARN(PHASE("correct edges; anneal keep 1 to 1/9 over 30% on lower;")), "E0406"},
    {LEARN(PHASE("correct upper, class; anneal keep 1 to 1/9 over 30%;")), "E0633"},
    {LEARN(PHASE("correct upper, class; anneal keep 1 to 1/9 over 30% on edges;")), "E0634"},
    {LEARN(PHASE("correct edges; anneal keep 1 to 1/9 over 30% on edges, 1 to 1/9 over 3% on edges;")), "E0635"},
    {LEARN(PHASE("correct edges; anneal keep 1 to 1/9 over 30%, 1 to 1/9 over 3%;")), "E0635"},
    {LEARN(PHASE("correct edges; anneal keep 9 to 1 over 30%;")), "E0301"},
    {LEARN(PHASE("correct edges; anneal keep 1 to 0 over 30%;")), "E0301"},
    {LEARN(PHASE("correct edges; anneal keep 1 to 1/9 over 0;")), "E0301"},
    {NET("layer a = conv(3x3, 9) { depress over filters keep 9; }") " schedule {" PHASE(
         "correct a; anneal keep 1 to 1/3 over 30%;") "}",
     "E0427"}, /* and nothing about the end */
    /* connections that are pruned */
    {LEARN(PHASE("correct edges, class; prune to 20%;")), ""},
    {LEARN(PHASE("correct edges, class; prune to 20%, 100% on class over 60%;")), ""},
    {"let prune = 0.5;" LEARN(PHASE("correct edges; prune to prune / 2 on edges over prune;")), ""},
    {COMPETE("prune to 20%;"), "E0410"},
    {LEARN(PHASE("correct edges; prune to 20%; prune to 30%;")), "E0309"},
    {LEARN(PHASE("correct edges; prune to 0%;")), "E0301"},
    {LEARN(PHASE("correct edges; prune to 101%;")), "E0301"},
    {LEARN(PHASE("correct edges; prune to 20% over 0;")), "E0301"},
    {LEARN(PHASE("correct edges; prune to 20% on upper;")), "E0636"},
    {LEARN(PHASE("correct edges; prune to 20% on pooled;")), "E0636"},
    {LEARN(PHASE("correct edges; prune to 20% on lower;")), "E0406"},
    {LEARN(PHASE("correct edges; prune to 20%, 30%;")), "E0637"},
    {LEARN(PHASE("correct edges; prune to 20% on edges, 30% on edges;")), "E0637"},
    {NET("layer a = dense(9) { alpha in [0, 0.4]; }") " schedule {" PHASE("correct a; prune to 20%;") "}", "E0638"},
    {NET("layer a = dense(9) { alpha in [0, 0.4]; }") " schedule {" PHASE("correct a; prune to 100%;") "}", ""},
    {"rule printed;" NET("layer a = dense(9);") " schedule {" PHASE("correct a; prune to 20%;") "}", "E0803"},
    /* which settings belong where */
    {COMPETE("epochs 3; batch 4; eta 0.1; error softmax(5);"), "E0410 E0410 E0410 E0410"},
    {COMPETE("decay 0.5; shift 1; keep best on validation;"), "E0410 E0410 E0410"},
    {LEARN(PHASE("correct class; sample 5 patches; target pattern; conscience 0; alienate 0; xi 1 to 0.1;")),
     "E0410 E0410 E0410 E0410 E0410"},
    /* steps and the course of eta */
    {LEARN(PHASE("correct class; momentum 0; adaptive 0; eta 0.1 on class cosine, warm up 5 steps;")), ""},
    {LEARN(PHASE("correct class; eta cosine;")), ""},
    {LEARN(PHASE("correct class; eta warm up 5 steps, linear;")), ""},
    {LEARN(PHASE("correct class; decay 0.9; eta 0.1, warm up 5 steps;")), ""},
    {LEARN(PHASE("correct class; momentum 1;")), "E0301"},
    {LEARN(PHASE("correct class; adaptive 1;")), "E0301"},
    {LEARN(PHASE("correct class; adaptive -0.5;")), "E0301"},
    {LEARN(PHASE("correct class; momentum 0.9; momentum 0.9;")), "E0309"},
    {LEARN(PHASE("correct class; eta 0.1 cosine linear;")), "E0201"},
    {LEARN(PHASE("correct class; eta 0.1 cosine, linear;")), "E0616"},
    {LEARN(PHASE("correct class; eta 0.1 on class cosine, decay 0.9;")), "E0616"},
    {LEARN(PHASE("correct class; eta 0.1 cosine; decay 0.9;")), "E0616"},
    {LEARN(PHASE("correct class; eta cosine, cosine;")), "E0309"},
    {LEARN(PHASE("correct class; eta warm up 1.5 steps;")), "E0302"},
    {LEARN(PHASE("correct class; eta warm up 2 steps, warm up 2 steps;")), "E0309"},
    /* replicas */
    {LEARN(PHASE("correct class; replicas 4096 merge every 1_000_000_000 batches;")), ""},
    {LEARN(PHASE("correct class; replicas 1 merge every 1 batches;")), ""},
    {LEARN(PHASE("correct class; replicas 4097 merge every 1 batches;")), "E0301"},
    {LEARN(PHASE("correct class; replicas 0 merge every 1 batches;")), "E0301"},
    {LEARN(PHASE("correct class; replicas 2.5 merge every 1 batches;")), "E0302"},
    {LEARN(PHASE("correct class; replicas 2 merge every 0 batches;")), "E0301"},
    {LEARN(PHASE("correct class; replicas 2;")), "E0201"},
    {LEARN(PHASE("correct class; replicas 2 merge every 3 batches; replicas 2 merge every 3 batches;")), "E0309"},
    {COMPETE("replicas 2 merge every 3 batches;"), "E0410"},
    {"rule printed; network n { input vector(4); layer class = dense(3); } schedule {" PHASE(
         "correct class; replicas 2 merge every 3 batches;") "}",
     "E0803"},
    {"let merge = 3; let every = 2; let batches = merge; let replicas = 2; network n { input vector(4); layer merge = "
     "dense(3); } schedule {" PHASE("correct merge; replicas replicas * every merge every batches batches;") "}",
     ""},
    {COMPETE("momentum 0.9; adaptive 0.9;"), "E0410 E0410"},
    {"rule printed; network n { input vector(4); layer class = dense(3); } schedule {" PHASE(
         "correct class; momentum 0.9; adaptive 0.9; eta 0.1 linear, warm up 5 steps;") "}",
     "E0803 E0803"},
    {"let momentum = 0.9; let steps = 2; let warm = 3; network n { input vector(4); layer cosine = dense(3); }"
     "schedule {" PHASE("correct cosine; momentum momentum; eta warm on cosine, warm up steps steps;") "}",
     ""},
    {COMPETE("sample 0 patches;"), "E0301"},
    {COMPETE("sample 1.5 patches;"), "E0302"},
    {COMPETE("xi 2;"), "E0301"},
    {COMPETE("xi 0.1 to 0;"), "E0301"},
    {COMPETE("conscience 2;"), "E0301"},
    {COMPETE("alienate -1;"), "E0301"},
    {COMPETE("target pattern; target standard;"), "E0309"},
    {COMPETE("tagret pattern;"), "E0202"},
    {"network n { input vector(4); layer a = dense(9) { depress over filters; } }"
     "schedule {" PHASE("compete a; flips;") "}",
     "E0608"},
    /* a network that only competes may end in any layer; a scored network ends in a dense one */
    {"network n { input image(8x8); layer a = conv(3x3, 9) { depress over filters; } }"
     "schedule {" PHASE("compete a;") "}",
     ""},
    {"network n { input image(8x8); layer a = conv(3x3, 9); } schedule {" PHASE("correct a;") "}", "E0615"},
    {"network n { input image(28x28); layer a = pool(max) 28x28; } data d { synthetic digits(test 9); }"
     "expect accuracy >= 10% on test;",
     "E0615"},
    {"network n { input image(28x28); layer a = conv(3x3, 9); } data d { synthetic digits(train 9); }", "E0615"},
    /* pictures */
    {DATA("cifar100 train \"a\", \"a\";"), "E0503"},
    {DATA("images train \"a\"; images test \"a\";"), "E0503"},
    {DATA("cifar10 train \"\";"), "W0522 E0502"},
    {DATA("cifar train \"a\";"), "E0202 W0522"},
    {"network n { input image(32x32); layer a = dense(10); } data d { cifar10 train \"a\"; }", "E0510"},
    {"network n { input vector(32); layer a = dense(10); } data d { images train \"a\"; }", "E0510"},
    {"network n { input image(64x48, rgb); layer a = dense(3); } data d { images train \"a\"; }", ""},
    {"network n { input image(32x32, rgb); layer a = dense(10); } data d { cifar100 train \"a\"; }", "E0511"},
    {"network n { input image(32x32, rgb); layer a = dense(9); } data d { cifar10 train \"a\"; }", "E0511"},
    /* the pixels of a picture have no labels */
    {COLOURS("data d { pixels train \"a\"; pixels train \"b\"; }" PALETTE), ""},
    {COLOURS("data d { pixels train \"a\"; pixels train \"a\"; }" PALETTE), "E0503"},
    {COLOURS("data d { pixels test \"a\"; }" PALETTE), "E0201"},
    {COLOURS("data d { pixels train \"\"; }" PALETTE), "E0502"},
    {COLOURS("data d { pixels train \"a\"; }"), "E0512"},
    {COLOURS("data d { pixels train \"a\"; } schedule {" PHASE("correct a;") "}"), "E0512"},
    {COLOURS("data d { pixels train \"a\"; hold out 5% of train as validation; }" PALETTE), "E0512"},
    {COLOURS("data d { pixels train \"a\"; } expect accuracy >= 5% on train;" PALETTE), "E0512"},
    {COLOURS("data d { pixels train \"a\"; csv train \"b\"; }" PALETTE), "E0513"},
    {COLOURS("data d { csv test \"b\"; pixels train \"a\"; }" PALETTE), "E0513"},
    {"network n { input image(1x1); layer a = conv(1x1, 9) { depress over filters; } } data d { pixels train "
     "\"a\"; }" PALETTE,
     "E0510"},
    {"network n { input image(2x1, rgb); layer a = conv(1x1, 9) { depress over filters; } } data d { pixels train "
     "\"a\"; }" PALETTE,
     "E0510"},
};

static void refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof REFUSED / sizeof *REFUSED; i++)
        expect_codes(REFUSED[i].text, REFUSED[i].codes);
}

/* A setting in the wrong kind of phase is reported with the reason. */
static void reasons_are_given(void **state)
{
    (void)state;
    char *told = NULL;
    bl_context *context = load(COMPETE("epochs 3;"));
    assert_null(bl_check(context, NULL));
    WRITTEN(told, bl_write_diagnostics(context, to, false));
    assert_non_null(strstr(told, "`epochs` is allowed only in phases that correct"));
    assert_non_null(
        strstr(told, "help: remove it: competition samples patches; `sample 200_000 patches` sets their number"));
    free(told);
    bl_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),          cmocka_unit_test(settings),
        cmocka_unit_test(default_schedule),  cmocka_unit_test(courses),
        cmocka_unit_test(adaptive_rates),    cmocka_unit_test(warm_up_ends_with_the_phase),
        cmocka_unit_test(anneals),           cmocka_unit_test(prunes),
        cmocka_unit_test(pictures),          cmocka_unit_test(refused),
        cmocka_unit_test(reasons_are_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
