/* The checker: for each rule a text and the codes of its diagnostics; and the default of every field. */
#include "test_help.h"

#define NET(layers)    "network n { input vector(4); " layers " }"
#define LAYER(props)   NET("layer a = dense(3) { " props " } layer b = dense(2);")
#define IMAGE          "network n { input image(28x28); layer a = dense(12); layer b = dense(10); }"
#define DATA(items)    IMAGE " data d { " items " }"
#define DIGITS         DATA("synthetic digits(train 10);")
#define PHASE(items)   DIGITS " schedule { phase p { " items " } }"
#define PRINTED(props) "rule printed; network n { input vector(4); layer a = dense(3) { " props " } }"

typedef struct rule_case {
    const char *text, *codes;
} rule_case;

#define RUN(cases)                                                                                                     \
    for (size_t i = 0; i < sizeof(cases) / sizeof *(cases); i++)                                                       \
    expect_codes((cases)[i].text, (cases)[i].codes)

static void constants(void **state)
{
    (void)state;
    static const rule_case CASES[] = {
        {"let A = 2; let B = A * (3 + -1) / 2 - 1; " NET("layer a = dense(B);"), ""},
        {NET("layer a = dense(K);") " let K = 3;", ""},
        {"let Kay = 3; " NET("layer a = dense(Kai);"), "E0304"},
        {"let A = B; let B = 2; " NET("layer a = dense(A);"), "E0305"},
        {"let A = A; " NET("layer a = dense(A);"), "E0305"},
        {"let A = 1 / (2 - 2); " NET("layer a = dense(A);"), "E0306"},
        {"let A = max(1, 2); " NET("layer a = dense(A);"), "E0307"},
        {"let A = 1; let A = 2; " NET("layer a = dense(A);"), "E0308"},
        {"let A = 1e300 * 1e300; " NET("layer a = dense(A);"), "E0106"},
        {NET("layer a = dense(2 + 5%);"), "E0303"},
        {NET("layer a = dense(10% * 30);"), ""},
    };
    RUN(CASES);
}

static void networks(void **state)
{
    (void)state;
    static const rule_case CASES[] = {
        {"", "E0401"},
        {"network n { }", "E0403 E0404"},
        {"network n { input vector(4); }", "E0404"},
        {"network n { layer a = dense(2); }", "E0403"},
        {"network n { input vector(4); input vector(5); layer a = dense(2); }", "E0309"},
        {NET("layer a = dense(2);") NET("layer a = dense(2);"), "E0308"},
        {NET("layer a = dense(2); layer a = dense(2);"), "E0308"},
        {NET("layer a = dense(0);"), "E0301"},
        {NET("layer a = dense(2.5);"), "E0302"},
        {NET("layer a = dense(-2);"), "E0301"},
        {NET("layer a = dense(20_000_000);"), "E0301"},
        {NET("layer a = dense(16_000_000); layer b = dense(200);"), "E0409"},
        {"network n { input vector(0); layer a = dense(2); }", "E0301"},
        {"network n { input image(0x5); layer a = dense(2); }", "E0311"},
        {"network n { input image(99999999999999999999x99999999999999999999); layer a = dense(2); }", "E0311"},
        {"network n { input image(4000x4000, 4); layer a = dense(2); }", "E0311"},
        {"network n { input image(8x8x3, rgb); layer a = dense(2); }", "E0405"},
        {"network n { input image(8x8, 50%); layer a = dense(2); }", "E0303"},
        {"network n { input image(8x8, rgb) in [0, 0.9]; layer a = dense(2); }", ""},
        {"network n { input vector(4) in [0.1, 0.5]; layer a = dense(2); }", "E0301"},
        {"network n { input vector(4) in [0, 1]; layer a = dense(2); }", "E0301"},
        {"network n { input vector(4) in [0, 0]; layer a = dense(2); }", "E0301"},
        /* layers and the layers they read */
        {NET("layer a = dense(2); layer b = dense(3) from a;"), ""},
        {NET("layer a = dense(2); layer b = dense(3) from aa;"), "E0406"},
        {NET("layer a = dense(2); layer b = dense(3) from b;"), "E0407"},
        {NET("layer a = dense(2) from b; layer b = dense(3);"), "E0407"},
        {NET("layer a = dense(2); layer b = dense(3); layer c = dense(2) from a;"), "E0408"},
        {NET("layer a = dense(2); layer b = dense(3); layer c = dense(2) from a, b;"), ""},
        {NET("layer a = dense(2) stride 2;"), "E0410"},
        {NET("layer a = dense(2) padding same;"), "E0410"},
        {NET("layer a = dense(2) grid 2x2 2x2;"), "E0410 E0410"},
        {NET("layer a = dense(2) { calibrate 1; }"), "E0410"},
        {"network n { input image(8x8); layer a = conv(3x3, 2) stride 1 stride 2; }", "E0309"},
    };
    RUN(CASES);
}

static void layers(void **state)
{
    (void)state;
    static const rule_case CASES[] = {
        {LAYER("leak 0; leak 1;"), "E0309"},
        {LAYER("leak 1.5;"), "E0301"},
        {LAYER("alpha in [0, 1];"), "E0301"},
        {LAYER("alpha in [-0.1, 0.5];"), "E0301"},
        {LAYER("alpha in [0.5, 0.5];"), "E0310"},
        {LAYER("alpha in [0, 0.3] = uniform(0, 0.4);"), "E0411"},
        {LAYER("alpha = uniform(0.3, 0.2);"), "E0310"},
        {LAYER("alpha = constant(0.6);"), "E0411"},
        {LAYER("alpha = distinct(0.1, 0.4);"), ""},
        {LAYER("signs mixed(120%);"), "E0301"},
        {LAYER("signs mixed switching at tau 0;"), "E0301"},
        {LAYER("signs mixed switching at tau 0.6;"), "E0412"},
        {LAYER("alpha in [0, 0.7]; signs mixed switching at tau 0.6;"), ""},
        {LAYER("signs inhibitory;"), "W0414"},
        {LAYER("signs inhibitory switching;"), ""},
        {NET("layer a = dense(2) { signs inhibitory; }"), ""},
        {LAYER("neuron alpha 1;"), "E0301"},
        {LAYER("neuron alpha 0.5 up to 0.4;"), "E0413"},
        {LAYER("neuron alpha 0.1 learned xi 0.1; learned xi 0.2;"), "E0309"},
        {LAYER("learned xi 2;"), "E0301"},
        {LAYER("sum scaled(0);"), "E0301"},
        {LAYER("sum shared(-1);"), "E0301"},
        {LAYER("range [0, 1];"), "E0301"},
        {LAYER("range [0.1, 0.5];"), "E0301"},
        {LAYER("fire ramp;"), ""},
        {LAYER("fire grade;"), "E0415"},
        {LAYER("fire binary;"), "E0428"},
        {LAYER("depress over filters keep 0;"), "E0301"},
        {LAYER("depress over filters gap 0.1 gap 0.2;"), "E0309"},
    };
    RUN(CASES);
}

static void data(void **state)
{
    (void)state;
    static const rule_case CASES[] = {
        {DATA(""), "E0501"},
        {DATA("csv train \"a\"; csv train \"b\"; csv test \"c\";"), ""},
        {DATA("csv train \"\";"), "E0502"},
        {DATA("csv train \"a\"; csv test \"a\";"), "E0503"},
        {DATA("idx train \"a\", \"a\";"), "E0503"},
        {DATA("csv test \"a\"; hold out 10% of train as validation;"), "E0504"},
        {DATA("csv train \"a\"; csv validation \"b\"; hold out 10% of train as validation;"), "E0505"},
        {DATA("csv train \"a\"; hold out 0 of train as validation;"), "E0301"},
        {DATA("csv train \"a\"; hold out 1 of train as validation;"), "E0301"},
        {DATA("csv train \"a\"; values in [1, 1];"), "E0310"},
        {DATA("synthetic digits(train 10, train 20);"), "E0309"},
        {DATA("synthetic digits(train 0);"), "E0301"},
        {DIGITS " data e { csv train \"a\"; }", "E0309"},
        {NET("layer a = dense(10);") " data d { synthetic digits(train 5); }", "E0506"},
        {"network n { input image(28x28); layer a = dense(9); } data d { synthetic digits(train 5); }", "E0507"},
        {"network n { input image(28x28); layer a = dense(1); } data d { csv train \"a\"; }", ""},
        {DIGITS " expect accuracy >= 90% on test;", "E0508"},
        {DIGITS " expect accuracy >= 90% on train;", ""},
        {DIGITS " expect accuracy >= 90 on train;", "E0301"},
        {IMAGE " expect accuracy >= 90% on test;", "E0508"},
    };
    RUN(CASES);
}

static void schedules(void **state)
{
    (void)state;
    static const rule_case CASES[] = {
        {PHASE("correct a, b;"), ""},
        {DIGITS " schedule { }", "E0601"},
        {DIGITS " schedule { phase p { correct a; } } schedule { phase p { correct a; } }", "E0309"},
        {DIGITS " schedule { seed -1; phase p { correct a; } phase p { correct a; } }", "E0301 E0308"},
        {DATA("csv test \"a\";") " schedule { phase p { correct a; } }", "E0509"},
        {IMAGE " schedule { phase p { correct a; } }", ""},
        {PHASE(""), "E0602"},
        {PHASE("correct a; correct b;"), "E0309"},
        {PHASE("correct c;"), "E0406"},
        {PHASE("correct a, a;"), "E0603"},
        {PHASE("correct a; eta 0.1 on b;"), "E0604"},
        {PHASE("correct a; eta 0.1 on c;"), "E0406"},
        {PHASE("correct a; eta 0.1 on a, 0.2 on a;"), "E0605"},
        {PHASE("correct a; eta 0.1, 0.2;"), "E0605"},
        {PHASE("correct a; eta 0;"), "E0301"},
        {PHASE("correct a; eta 0.1, decay 0.5; decay 0.4;"), "E0309"},
        {PHASE("correct a; eta 0.1, decay 0.5, decay 0.4;"), "E0309"},
        {PHASE("correct a; decay 1.1;"), "E0301"},
        {PHASE("correct a; xi 0;"), "E0301"},
        {PHASE("correct a; xi 1 to 0.5;"), "E0410"},
        {PHASE("correct a; epochs 0; batch 70000;"), "E0301 E0301"},
        {PHASE("correct a; epochs 5%; batch 1.5;"), "E0303 E0302"},
        {PHASE("correct a; error softmax(0);"), "E0301"},
        {PHASE("correct a; error hinge(0.1) floor 1;"), "E0301"},
        {PHASE("correct a; shift 28;"), "E0607"},
        {NET("layer a = dense(2);") " schedule { phase p { correct a; shift 1; } }", "E0606"},
        {NET("layer a = dense(2);") " schedule { phase p { correct a; shift 0; } }", ""},
        {PHASE("correct a; keep best on validation;"), "E0508"},
        {PHASE("correct a; sample 5 patches; target pattern; conscience 0; alienate 0;"), "E0410 E0410 E0410 E0410"},
        {PHASE("correct a; flips;"), ""},
        {NET("layer a = dense(2);") " schedule { phase p { correct a; flips; } }", "E0608"},
        {PHASE("correct a; shift 8; flips; cutout 27;"), ""},
        {PHASE("correct a; cutout 28;"), "E0622"},
        {PHASE("correct a; cutout 0;"), "E0301"},
        {PHASE("correct a; cutout 2.5;"), "E0302"},
        {PHASE("correct a; cutout 3; cutout 4;"), "E0309"},
        {NET("layer a = dense(2);") " schedule { phase p { correct a; cutout 1; } }", "E0621"},
        {"network n { input series(28); layer a = dense(2); } schedule { phase p { correct a; cutout 1; } }", "E0621"},
        {"network n { input image(9x28); layer a = dense(2); } schedule { phase p { correct a; cutout 9; } }", "E0622"},
        {"let cutout = 8;" PHASE("correct a; cutout cutout;"), ""},
    };
    RUN(CASES);
}

static void printed(void **state)
{
    (void)state;
    static const rule_case CASES[] = {
        {PRINTED(""), ""},
        {PRINTED("alpha in [0, 0.99]; sum raw; leak 0; range [0, 1]; signs mixed(30%) switching at tau 0.99;"), ""},
        {PRINTED("alpha in [0, 0.5];"), "N0801"},
        {PRINTED("sum scaled;"), "N0801"},
        {PRINTED("leak 0.5;"), "N0801"},
        {PRINTED("range [0, 0.5];"), "N0801"},
        {PRINTED("signs excitatory;"), "N0801"},
        {PRINTED("signs mixed fixed;"), "N0801"},
        {PRINTED("signs mixed switching at tau 0.1;"), "N0801"},
        {"rule printed; " PHASE("correct a; batch 8; error hinge;"), "N0801 N0801"},
        {"rule printed; rule repaired; " NET("layer a = dense(2);"), "E0309"},
        {"rule gradient; " NET("layer a = dense(2);"), ""},
        /* a feature other than dense layers of ramps is reported once */
        {"rule printed; network n { input image(8x8); layer a = conv(3x3, 4); layer b = pool(max) 2x2; layer c = "
         "dense(2); }",
         "E0802"},
        {"rule printed; network n { input image(8x8); layer b = pool(max) 2x2; layer c = dense(2); }", "E0802"},
        {PRINTED("depress over filters;"), "E0802"},
        {PRINTED("fire logistic(2);"), "N0801"},
        {PRINTED("alpha = from patches;"), "N0801"},
        {PRINTED("alpha frozen;"), ""},
    };
    RUN(CASES);
}

/* ---- defaults ---- */

static void default_layer(void **state)
{
    (void)state;
    bl_context *context =
        load("network n { input image(3x2); layer a = dense(3) { range [0, 0.7]; } layer b = dense(2); }");
    const bl_program *program = bl_check(context, NULL);
    assert_non_null(program);
    assert_true(program->input.image && program->input.height == 3 && program->input.width == 2);
    assert_true(program->input.channels == 1 && program->input.range == 0.5);
    assert_true(program->rule == BT_RULE_REPAIRED && program->seed == 1 && program->data == NULL);
    assert_true(program->phase_count == 0 && program->expect_count == 0);
    const bl_layer expected = {.name = "b",
                               .inputs = 3,
                               .neurons = 2,
                               .range_in = 0.7,
                               .range_out = 0.5,
                               .excitatory = 0.5,
                               .switches = true,
                               .tau = 0.7,
                               .alpha_max = 0.7,
                               .start = BT_START_UNIFORM,
                               .start_high = 0.7,
                               .theta = 0.05,
                               .theta_max = 0.9,
                               .sum = BT_SUM_SCALED,
                               .gain = 4};
    same_layer(&program->layers[1], &expected);
    assert_true(program->layers[0].inputs == 6 && program->layers[0].range_in == 0.5);
    bl_context_free(context);
}

static void default_schedule(void **state)
{
    (void)state;
    bl_context *context = load(DIGITS);
    const bl_program *program = bl_check(context, NULL);
    assert_non_null(program);
    const bl_phase expected = {.name = "learn",
                               .replicas = 1,
                               .layer_count = 2,
                               .layers = (const uint32_t[]){0, 1},
                               .eta = (const double[]){0.3, 0.05},
                               .xi = 1,
                               .decay = 0.85,
                               .error = BT_ERROR_SOFTMAX,
                               .sharpness = 5,
                               .floor = 0.001,
                               .epochs = 10,
                               .batch = 8};
    assert_int_equal(program->phase_count, 1);
    same_phase(&program->phases[0], &expected);
    assert_true(program->data->low == 0 && program->data->high == 255 && !program->data->values_given);
    assert_true(program->data->hold_out == 0 && program->data->source_count == 1);
    assert_true(program->data->sources[0].samples == 10);
    bl_context_free(context);

    /* a single layer learns at 0.3; vector values lie in [0, 1]; csv labels come last; hinge has its own margin */
    context = load("network n { input vector(4); layer a = dense(2); } data d { csv train \"a\"; }"
                   "schedule { phase p { correct a; error hinge; } }");
    program = bl_check(context, NULL);
    assert_true(program->phases[0].eta[0] == 0.3 && program->phases[0].sharpness == 0.1);
    assert_true(program->phases[0].error == BT_ERROR_HINGE);
    assert_true(program->data->high == 1 && program->data->sources[0].table.label == BT_LABEL_LAST);
    bl_context_free(context);

    /* data without training samples adds no phase */
    context = load(DATA("csv test \"a\";"));
    assert_int_equal(bl_check(context, NULL)->phase_count, 0);
    bl_context_free(context);
}

/* Columns are the default of vectors and series, bytes that of images; the rest of the block keeps its words. */
static void scaling(void **state)
{
    (void)state;
    static const struct {
        const char *input, *statement;
        bt_scaling scaling;
        double low, high;
        bool given;
    } CASES[] = {
        {"vector(4)", "", BT_SCALING_COLUMNS, 0, 1, false},
        {"series(8, 2)", "", BT_SCALING_COLUMNS, 0, 1, false},
        {"image(2x2)", "", BT_SCALING_RANGE, 0, 255, false},
        {"image(2x2)", "values in columns;", BT_SCALING_COLUMNS, 0, 1, false},
        {"image(2x2)", "values standardised;", BT_SCALING_STANDARD, 0, 1, false},
        {"vector(4)", "values in [-1, 8];", BT_SCALING_RANGE, -1, 8, true},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        char text[256];
        snprintf(text, sizeof text, "network n { input %s; layer a = dense(2); } data d { csv train \"a\"; %s }",
                 CASES[i].input, CASES[i].statement);
        bl_context *context = load(text);
        const bl_program *program = bl_check(context, NULL);
        assert_non_null(program);
        assert_int_equal(program->data->scaling, CASES[i].scaling);
        assert_true(program->data->low == CASES[i].low && program->data->high == CASES[i].high);
        assert_int_equal(program->data->values_given, CASES[i].given);
        bl_context_free(context);
    }
}

static void tables(void **state)
{
    (void)state;
    bl_context *context =
        load("network n { input vector(4); layer a = dense(2); }"
             "data d { no header; missing as 0;"
             "csv train \"a\" without \"2\", \"5\" label \"1\" categories \"4\";"
             "csv test \"b\" header missing as mean categories;"
             "npz validation \"c\"; npz train \"c\" values \"x\" label \"y\"; classes \"on\", \"off\"; }");
    const bl_program *program = bl_check(context, NULL);
    assert_non_null(program);
    const bl_source *source = program->data->sources;
    const bl_table *first = &source[0].table, *second = &source[1].table;
    assert_true(first->label == BT_LABEL_NAMED && first->header == BT_HEADER_NO && first->missing == BT_MISSING_ZERO);
    assert_string_equal(first->label_name, "1");
    assert_true(first->without_count == 2 && first->category_count == 1 && !first->all_categories);
    assert_string_equal(first->without[1], "5");
    assert_string_equal(first->categories[0], "4");
    assert_true(second->label == BT_LABEL_LAST && second->header == BT_HEADER_YES);
    assert_true(second->missing == BT_MISSING_MEAN && second->all_categories && second->category_count == 0);
    assert_true(source[2].member == NULL && source[2].labels_of == NULL);
    assert_string_equal(source[3].member, "x");
    assert_string_equal(source[3].labels_of, "y");
    assert_int_equal(program->data->class_count, 2);
    assert_string_equal(program->data->class_names[1], "off");
    bl_context_free(context);
}

/* A table without labels may train a layer that competes, and nothing else. */
static void tables_without_labels(void **state)
{
    (void)state;
#define UNLABELLED                                                                                                     \
    "network n { input vector(4); layer a = dense(4) { depress over filters; } }"                                      \
    "data d { csv train \"a\" label none; "
    expect_codes(UNLABELLED "} schedule { phase p { compete a; } }", "");
    expect_codes(UNLABELLED "} schedule { phase p { correct a; } }", "E0512");
    expect_codes(UNLABELLED "hold out 10% of train as test; } schedule { phase p { compete a; } }", "E0512");
    expect_codes(UNLABELLED "csv test \"b\"; } schedule { phase p { compete a; } }", "E0513");
#undef UNLABELLED
}

/* Words that are younger than texts which may use them as names. */
static void free_words(void **state)
{
    (void)state;
    expect_codes("let classes = 2; let no = classes + 1; neuron white(missing, black) = clamp(missing - black, 0, 1);"
                 "network n { input vector(no); layer series = dense(classes * no) { fire white; }"
                 "layer header = dense(-(-classes)) from series; }",
                 "");
    expect_codes("let values = 2; network n { input vector(2); layer a = dense(2); }", "E0203");
}

static void default_words(void **state)
{
    (void)state;
    static const struct {
        const char *property;
        bl_layer layer;
    } CASES[] = {
        {"signs excitatory;", {.excitatory = 1, .switches = false, .tau = 0.5}},
        {"signs inhibitory switching;", {.excitatory = 0, .switches = true, .tau = 0.5}},
        {"signs fixed;", {.excitatory = 0.5, .switches = false, .tau = 0.5}},
        {"signs switching at tau 0.2;", {.excitatory = 0.5, .switches = true, .tau = 0.2}},
        {"signs mixed(30%);", {.excitatory = 0.3, .switches = true, .tau = 0.5}},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        char text[256];
        snprintf(text, sizeof text, "network n { input vector(4); layer a = dense(2) { %s sum shared; } }",
                 CASES[i].property);
        bl_context *context = load(text);
        const bl_layer *layer = &bl_check(context, NULL)->layers[0], *expected = &CASES[i].layer;
        assert_true(layer->excitatory == expected->excitatory && layer->switches == expected->switches);
        assert_true(layer->tau == expected->tau && layer->sum == BT_SUM_SHARED && layer->gain == 1);
        bl_context_free(context);
    }
}

static void default_printed(void **state)
{
    (void)state;
    bl_context *context =
        load("rule printed; network n { input image(28x28) in [0, 0.5];"
             "layer a = dense(12) { sum shared(3); leak 1; alpha in [0, 0.2]; signs fixed; range [0, 0.3]; }"
             "layer b = dense(10); } data d { synthetic digits(train 10); }"
             "schedule { phase p { correct a, b; batch 8; error hinge(3) floor 0.1; } }");
    const bl_program *program = bl_check(context, NULL);
    assert_non_null(program);
    assert_true(program->rule == BT_RULE_PRINTED && program->input.range == 1);
    for (uint32_t i = 0; i < 2; i++) {
        const bl_layer *layer = &program->layers[i];
        assert_true(layer->range_in == 1 && layer->range_out == 1 && layer->alpha_min == 0 && layer->alpha_max == 0.99);
        assert_true(layer->sum == BT_SUM_RAW && layer->gain == 1 && layer->leak == 0 && layer->switches);
        assert_true(layer->tau == 0.99 && layer->start_high == 0.99 && layer->theta == 0.05);
        assert_true(program->phases[0].eta[i] == 0.1);
    }
    assert_true(program->phases[0].xi == 0.1 && program->phases[0].batch == 1);
    assert_true(program->phases[0].sharpness == 5 && program->phases[0].floor == 0.001);
    bl_context_free(context);
}

static void networks_are_chosen(void **state)
{
    (void)state;
    static const char TEXT[] = "network one { input vector(2); layer a = dense(2); }"
                               "network two { input vector(3); layer b = dense(3); }";
    bl_context *context = load(TEXT);
    assert_string_equal(bl_check(context, NULL)->name, "two");
    assert_string_equal(bl_check(context, "one")->name, "one");
    assert_null(bl_check(context, "three"));
    bl_context_free(context);
    expect_codes_named(TEXT, "E0402", "three");
    expect_codes_named("network one { input vector(2); layer a = dense(0); }" NET("layer a = dense(2);"), "E0301", "n");
}

/* Every number of the text WHOLE arrives in its field. */
static void whole_text(void **state)
{
    (void)state;
    bl_context *context = load(WHOLE_TEXT);
    const bl_program *program = bl_check(context, NULL);
    assert_non_null(program);
    const bl_layer hidden = {.name = "hidden",
                             .inputs = 784,
                             .neurons = 20,
                             .range_in = 0.5,
                             .range_out = 0.7,
                             .excitatory = 0.25,
                             .switches = true,
                             .tau = 0.25,
                             .alpha_min = 0.01,
                             .alpha_max = 0.45,
                             .start = BT_START_UNIFORM,
                             .start_low = 0.1,
                             .start_high = 0.3,
                             .theta = 0.06,
                             .theta_xi = 0.01,
                             .theta_max = 0.8,
                             .leak = 0.3,
                             .sum = BT_SUM_SHARED,
                             .gain = 2};
    same_layer(&program->layers[0], &hidden);
    assert_true(program->seed == 7 && program->data->source_count == 6 && program->data->low == -1);
    assert_string_equal(program->data->sources[2].inputs, "x \"1\".npy");
    const bl_phase learn = {.name = "learn",
                            .layer_count = 3,
                            .layers = (const uint32_t[]){0, 1, 2},
                            .eta = (const double[]){0.3, 0.3, 0.05},
                            .xi = 1,
                            .decay = 0.88,
                            .error = BT_ERROR_SOFTMAX,
                            .sharpness = 4,
                            .floor = 0.002,
                            .epochs = 3,
                            .batch = 16,
                            .replicas = 4,
                            .merge = 2,
                            .shift = 1,
                            .keep_best = true};
    same_phase(&program->phases[1], &learn);
    assert_true(program->phases[0].eta[0] == 0.2 && program->phases[0].eta[1] == 0.1);
    assert_true(program->expects[0].least == 0.983 && program->expects[1].on == BT_SPLIT_VALIDATION);
    bl_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constants),
        cmocka_unit_test(networks),
        cmocka_unit_test(layers),
        cmocka_unit_test(data),
        cmocka_unit_test(schedules),
        cmocka_unit_test(printed),
        cmocka_unit_test(default_layer),
        cmocka_unit_test(default_schedule),
        cmocka_unit_test(scaling),
        cmocka_unit_test(tables),
        cmocka_unit_test(tables_without_labels),
        cmocka_unit_test(free_words),
        cmocka_unit_test(default_words),
        cmocka_unit_test(default_printed),
        cmocka_unit_test(networks_are_chosen),
        cmocka_unit_test(whole_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
