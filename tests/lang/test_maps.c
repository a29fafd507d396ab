/* Maps: shapes of layers and encodings, joined sources, neighbourhoods; and layers that do not fit their map. */
#include "test_help.h"

#define MAP(size, layers) "network n { input image(" size "); " layers " layer class = dense(2); }"
#define ENCODED(items)    "network n { input image(8x8, rgb) { " items " } layer class = dense(2); }"
#define FILTERS(props)    MAP("8x8", "layer a = conv(3x3, 9) { " props " }")

static const bl_program *checked(bl_context **context, const char *text)
{
    *context = load(text);
    const bl_program *program = bl_check(*context, NULL);
    if (program == NULL)
        bl_write_diagnostics(*context, stderr, false);
    assert_non_null(program);
    return program;
}

static void assert_shape(bt_shape shape, uint32_t height, uint32_t width, uint32_t channels)
{
    assert_int_equal(shape.height, height);
    assert_int_equal(shape.width, width);
    assert_int_equal(shape.channels, channels);
}

/* Each layer reads an input of 9x7 places and two channels. */
static const struct {
    const char *layer;
    bl_layer map;
} SHAPES[] = {
    {"conv(3x3, 5)", {.kind = BT_LAYER_CONV, .out = {7, 5, 5}, .field_height = 3, .field_width = 3, .stride = 1}},
    {"conv(3x3, 5) stride 2",
     {.kind = BT_LAYER_CONV, .out = {4, 3, 5}, .field_height = 3, .field_width = 3, .stride = 2}},
    {"conv(4x2, 5) stride 3x3",
     {.kind = BT_LAYER_CONV, .out = {2, 2, 5}, .field_height = 4, .field_width = 2, .stride = 3}},
    {"conv(9x7, 5) padding valid",
     {.kind = BT_LAYER_CONV, .out = {1, 1, 5}, .field_height = 9, .field_width = 7, .stride = 1}},
    {"conv(3x3, 5) padding same",
     {.kind = BT_LAYER_CONV,
      .out = {9, 7, 5},
      .field_height = 3,
      .field_width = 3,
      .stride = 1,
      .pad_top = 1,
      .pad_left = 1}},
    {"conv(4x6, 5) padding same", /* 3 and 5 rows and columns of padding, the smaller half before */
     {.kind = BT_LAYER_CONV,
      .out = {9, 7, 5},
      .field_height = 4,
      .field_width = 6,
      .stride = 1,
      .pad_top = 1,
      .pad_left = 2}},
    {"conv(3x4, 5) stride 4 padding same", /* 3 x 2 places reach over 11 x 8 */
     {.kind = BT_LAYER_CONV, .out = {3, 2, 5}, .field_height = 3, .field_width = 4, .stride = 4, .pad_top = 1}},
    {"conv(1x1, 5) stride 2 padding same",
     {.kind = BT_LAYER_CONV, .out = {5, 4, 5}, .field_height = 1, .field_width = 1, .stride = 2}},
    {"pool(max) 2x2", {.kind = BT_LAYER_POOL, .out = {4, 3, 2}, .field_height = 2, .field_width = 2, .stride = 2}},
    {"pool(mean) 3x2 stride 1",
     {.kind = BT_LAYER_POOL,
      .out = {7, 6, 2},
      .field_height = 3,
      .field_width = 2,
      .stride = 1,
      .pooling = BT_POOL_MEAN}},
    {"pool(sum) grid 4x3", /* the largest cells */
     {.kind = BT_LAYER_POOL,
      .out = {4, 3, 2},
      .field_height = 3,
      .field_width = 3,
      .stride = 1,
      .pooling = BT_POOL_SUM,
      .grid = true,
      .calibrate = 1}},
    {"pool(max) grid 9x1",
     {.kind = BT_LAYER_POOL, .out = {9, 1, 2}, .field_height = 1, .field_width = 7, .stride = 1, .grid = true}},
    {"dense(5)", {.kind = BT_LAYER_DENSE, .out = {1, 1, 5}, .field_height = 9, .field_width = 7, .stride = 1}},
};

static void shapes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof SHAPES / sizeof *SHAPES; i++) {
        char text[256];
        snprintf(text, sizeof text, "network n { input image(9x7x2) in [0, 0.4]; layer a = %s; layer b = dense(2); }",
                 SHAPES[i].layer);
        bl_context *context;
        const bl_layer *layer = checked(&context, text)->layers, *expected = &SHAPES[i].map;
        assert_int_equal(layer->kind, expected->kind);
        assert_shape(layer->in, 9, 7, 2);
        assert_shape(layer->out, expected->out.height, expected->out.width, expected->out.channels);
        assert_true(layer->field_height == expected->field_height && layer->field_width == expected->field_width);
        assert_true(layer->stride == expected->stride && layer->grid == expected->grid);
        assert_true(layer->pad_top == expected->pad_top && layer->pad_left == expected->pad_left);
        assert_true(layer->pooling == expected->pooling && layer->calibrate == expected->calibrate);
        assert_true(layer->source_count == 1 && layer->sources[0] == BT_INPUT && layer[1].sources[0] == 0);
        uint32_t field = expected->field_height * expected->field_width * 2;
        assert_int_equal(layer->inputs, layer->kind == BT_LAYER_POOL ? 0 : field);
        assert_int_equal(layer->neurons, expected->out.channels);
        assert_true(layer->range_in == 0.4 && layer->range_out == 0.4);
        bl_context_free(context);
    }
}

/* On a map of one row, one number is a length, and a stride applies along the row only. */
static void series(void **state)
{
    (void)state;
    bl_context *context;
    const bl_program *program = checked(
        &context, "network n { input series(128, 9) { levels 2; } layer a = conv(5, 16) stride 2;"
                  "layer b = pool(max) 4; layer c = pool(mean) 4 stride 1x2 from a; layer d = pool(sum) grid 8 from a;"
                  "layer e = conv(3, 4) stride 15 padding same from b; layer f = dense(2) from c, d, e; }");
    const bl_layer *layer = program->layers;
    assert_true(program->input.series && !program->input.image && program->input.height == 1);
    assert_true(program->input.width == 128 && program->input.channels == 9);
    assert_shape(program->input.encoded, 1, 128, 18);
    assert_shape(layer[0].out, 1, 62, 16);
    assert_true(layer[0].field_height == 1 && layer[0].field_width == 5 && layer[0].inputs == 90);
    assert_shape(layer[1].out, 1, 15, 16);
    assert_int_equal(layer[1].stride, 4);
    assert_shape(layer[2].out, 1, 30, 16);
    assert_int_equal(layer[2].stride, 2);
    assert_shape(layer[3].out, 1, 8, 16);
    assert_shape(layer[4].out, 1, 1, 4);
    bl_context_free(context);
}

/* Joined maps add their channels, and dense layers read all values. The range is the largest of the sources. */
static void sources(void **state)
{
    (void)state;
    bl_context *context;
    const bl_program *program = checked(
        &context, "network n { input image(8x8x3) in [0, 0.5]; layer a = conv(3x3, 4) padding same { range [0, 0.7]; }"
                  "layer b = conv(5x5, 6) padding same from input; layer c = conv(2x2, 5) from b, input, a;"
                  "layer p = pool(mean) 4x4 from a, b; layer d = dense(3) from p, c, input; }");
    assert_true(program->layers[1].source_count == 1 && program->layers[1].sources[0] == BT_INPUT);
    const bl_layer *c = &program->layers[2], *p = &program->layers[3], *d = &program->layers[4];
    assert_true(c->source_count == 3 && c->sources[0] == 1 && c->sources[1] == BT_INPUT && c->sources[2] == 0);
    assert_shape(c->in, 8, 8, 13);
    assert_shape(c->out, 7, 7, 5);
    assert_true(c->inputs == 52 && c->range_in == 0.7 && c->alpha_max == 0.7 && c->range_out == 0.5);
    assert_shape(p->in, 8, 8, 10);
    assert_shape(p->out, 2, 2, 10);
    assert_true(p->range_in == 0.7 && p->range_out == 0.7);
    assert_shape(d->in, 1, 1, 2 * 2 * 10 + 7 * 7 * 5 + 8 * 8 * 3);
    assert_true(d->inputs == 477 && d->field_height == 1 && d->field_width == 1 && d->range_in == 0.7);
    bl_context_free(context);
}

static void encodings(void **state)
{
    (void)state;
    bl_context *context;
    const bl_program *program = checked(
        &context, ENCODED("opponent; normalise local 5x3; whiten 108 patches of 6x6 epsilon 0.5; split on off;"));
    const bl_input *input = &program->input;
    static const bl_encoding EXPECTED[] = {
        {.kind = BT_ENCODE_OPPONENT},
        {.kind = BT_ENCODE_NORMALISE, .height = 5, .width = 3},
        {.kind = BT_ENCODE_WHITEN, .height = 6, .width = 6, .patches = 108, .epsilon = 0.5},
        {.kind = BT_ENCODE_SPLIT}};
    assert_int_equal(input->encoding_count, 4);
    for (uint32_t i = 0; i < 4; i++) {
        const bl_encoding *a = &input->encodings[i], *b = &EXPECTED[i];
        assert_true(a->kind == b->kind && a->height == b->height && a->width == b->width && a->patches == b->patches &&
                    a->epsilon == b->epsilon);
        assert_true(a->place.length > 0);
    }
    assert_shape(input->encoded, 8, 8, 6);
    assert_int_equal(input->channels, 3);
    assert_shape(program->layers[0].in, 8, 8, 6);
    bl_context_free(context);
    program = checked(&context, "network n { input vector(4) { split on off; } layer a = dense(2); }");
    assert_shape(program->input.encoded, 1, 4, 2);
    assert_int_equal(program->layers[0].inputs, 8);
    bl_context_free(context);
    program = checked(&context, ENCODED("opponent; levels 5; complement;"));
    assert_shape(program->input.encoded, 8, 8, 30);
    assert_true(program->input.encodings[1].kind == BT_ENCODE_LEVELS && program->input.encodings[1].levels == 5);
    assert_true(program->input.encodings[2].kind == BT_ENCODE_COMPLEMENT);
    bl_context_free(context);
    program = checked(&context, "network n { input vector(4) { complement; } layer a = dense(2); }");
    assert_shape(program->input.encoded, 1, 4, 2);
    bl_context_free(context);
    program = checked(&context, "network n { input vector(4); layer a = dense(2); }");
    assert_shape(program->input.encoded, 1, 4, 1);
    assert_int_equal(program->input.encoding_count, 0);
    bl_context_free(context);
}

static void neighbours(void **state)
{
    (void)state;
    static const struct {
        const char *clause;
        bl_depress depress;
    } CASES[] = {
        {"over filters", {.keep = 1}},
        {"over filters gap 0.05", {.keep = 1, .gap = 0.05}},
        {"over filters within 4", {.keep = 1, .within = 4}},
        {"over filters keep 3", {.keep = 3}},
        {"over filters keep 8", {.keep = 8}},
        {"over filters keep 1", {.keep = 1}},
        {"over filters keep 28%", {.keep = 3}}, /* 2.52 of 9 */
        {"over filters keep 0.28", {.keep = 3}},
        {"over filters keep 1%", {.keep = 1}},
        {"over filters within 2 keep 50%", {.keep = 3, .within = 2}}, /* 2.5 of 5, rounded away from zero */
        {"over places 3x3", {.keep = 1, .over_places = true, .height = 3, .width = 3}},
        {"over places 5x1 gap 0.1 keep 40%", {.keep = 2, .over_places = true, .height = 5, .width = 1, .gap = 0.1}},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        char text[256];
        snprintf(text, sizeof text, FILTERS("depress %s;"), CASES[i].clause);
        bl_context *context;
        bl_layer expected = {.fire = BT_FIRE_GRADED, .depress_count = 1, .depress = &CASES[i].depress};
        same_neighbours(checked(&context, text)->layers, &expected);
        bl_context_free(context);
    }
}

static void firing(void **state)
{
    (void)state;
    static const struct {
        const char *properties;
        bt_fire fire;
        double k;
    } CASES[] = {
        {"", BT_FIRE_RAMP, 0},
        {"fire ramp;", BT_FIRE_RAMP, 0},
        {"fire logistic(2.5);", BT_FIRE_LOGISTIC, 2.5},
        {"depress over filters;", BT_FIRE_GRADED, 0},
        {"fire graded; depress over filters;", BT_FIRE_GRADED, 0},
        {"depress over places 3x3; fire binary;", BT_FIRE_BINARY, 0},
        {"fire ramp; depress over filters keep 3;", BT_FIRE_RAMP, 0},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        char text[256];
        snprintf(text, sizeof text, FILTERS("%s"), CASES[i].properties);
        bl_context *context;
        const bl_layer *layer = checked(&context, text)->layers;
        assert_true(layer->fire == CASES[i].fire && layer->logistic_k == CASES[i].k);
        bl_context_free(context);
    }
}

static void starts(void **state)
{
    (void)state;
    static const struct {
        const char *alpha;
        bt_start start;
        bool frozen;
    } CASES[] = {
        {"alpha = from patches;", BT_START_PATCHES, false},
        {"alpha in [0, 0.4] = from patches frozen;", BT_START_PATCHES, true},
        {"alpha frozen;", BT_START_UNIFORM, true},
        {"alpha = constant(0.1) frozen;", BT_START_CONSTANT, true},
        {"alpha in [0, 0.4];", BT_START_UNIFORM, false},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        char text[256];
        snprintf(text, sizeof text, FILTERS("%s"), CASES[i].alpha);
        bl_context *context;
        const bl_layer *layer = checked(&context, text)->layers;
        assert_true(layer->start == CASES[i].start && layer->frozen == CASES[i].frozen);
        bl_context_free(context);
    }
}

static const struct {
    const char *text, *codes;
} REFUSED[] = {
    /* windows, strides, grids */
    {MAP("8x8", "layer a = conv(9x3, 2);"), "E0417"},
    {MAP("8x8", "layer a = conv(3x9, 2) padding same;"), "E0417"},
    {MAP("8x8", "layer a = conv(3x3x2, 2);"), "E0416"},
    {MAP("8x8", "layer a = conv(3x3, 0);"), "E0301"},
    {MAP("8x8", "layer a = conv(3x3, 2) stride 9;"), "E0418"},
    {MAP("8x4", "layer a = conv(3x3, 2) stride 5;"), "E0418"},
    {MAP("8x8", "layer a = conv(3x3, 2) stride 0;"), "E0301"},
    {MAP("8x8", "layer a = conv(3x3, 2) stride 2x1;"), "E0419"},
    {MAP("8x8", "layer a = conv(3x3, 2) grid 2x2;"), "E0410"},
    {MAP("8x8", "layer a = conv(7x7, 2); layer b = pool(max) 2x2; layer c = conv(2x2, 3);"), "E0417"},
    {MAP("8x8", "layer a = pool(max);"), "E0420"},
    {MAP("8x8", "layer a = pool(max) 2x2 grid 2x2;"), "E0420"},
    {MAP("8x8", "layer a = pool(max) 9x9;"), "E0417"},
    {MAP("8x8", "layer a = pool(max) 2x3;"), "E0419"},
    {MAP("1x8", "layer a = pool(max) 1x4;"), ""},
    {MAP("8x1", "layer a = pool(max) 4x1; layer b = pool(max) 2x1;"), ""},
    {MAP("1x8", "layer a = conv(1x3, 2) stride 8;"), ""},
    {MAP("1x8", "layer a = conv(1x3, 2) stride 9;"), "E0418"},
    {MAP("8x1", "layer a = conv(3x1, 2) stride 2x1;"), ""},
    {MAP("1x8",
         "layer a = conv(3, 2) stride 2; layer b = pool(mean) 2; layer c = conv(1, 3) { depress over places 1; }"),
     "E0426"},
    {MAP("2x8", "layer a = conv(3, 2);"), "E0435"},
    {MAP("8x1", "layer a = pool(max) grid 3;"), "E0435"},
    {MAP("8x8", "layer a = pool(max) 2x2 padding same;"), "E0410"},
    {MAP("8x8", "layer a = pool(sum) grid 9x8;"), "E0421"},
    {MAP("8x8", "layer a = pool(sum) grid 2x2 stride 2;"), "E0410"},
    {MAP("2000x2000", "layer a = conv(1x1, 100);"), "E0311"},
    {MAP("2000x2000", "layer a = conv(1000x1000, 3000);"), "E0409 E0311"},
    /* a pool has no connections and no neurons */
    {MAP("8x8", "layer a = pool(sum) grid 2x2 { calibrate 2; }"), ""},
    {MAP("8x8", "layer a = pool(sum) grid 2x2 { calibrate 0; }"), "E0301"},
    {MAP("8x8", "layer a = pool(max) 2x2 { calibrate 2; }"), "E0410"},
    {MAP("8x8", "layer a = pool(sum) grid 2x2 { jitter 3; }"), ""},
    {MAP("8x8", "layer a = pool(mean) grid 2x2 { jitter 0; }"), ""},
    {MAP("8x8", "layer a = pool(sum) grid 2x2 { jitter 4; }"), "E0441"},
    {MAP("8x9", "layer a = pool(mean) grid 2x4 { jitter 2; }"), "E0441"},
    {MAP("8x9", "layer a = pool(mean) grid 8x1 { jitter 1; }"), "E0441"},
    {MAP("8x9", "layer a = pool(mean) grid 1x2 { jitter 3; }"), ""},
    {MAP("8x9", "layer a = pool(mean) grid 8x9 { jitter 0; }"), ""},
    {MAP("8x8", "layer a = pool(mean) grid 1x1 { jitter 1; }"), "E0410"},
    {MAP("8x8", "layer a = pool(max) grid 2x2 { jitter 1; }"), "E0410"},
    {MAP("8x8", "layer a = pool(sum) 2x2 { jitter 1; }"), "E0410"},
    {MAP("8x8", "layer a = pool(sum) grid 2x2 { jitter -1; }"), "E0301"},
    {MAP("8x8", "layer a = pool(sum) grid 2x2 { jitter 1; jitter 1; }"), "E0309"},
    {MAP("8x8", "layer a = pool(sum) grid 9x8 { jitter 1; }"), "E0421"},
    {FILTERS("jitter 1;"), "E0410"},
    {MAP("8x8", "layer a = pool(max) 2x2 { leak 0; fire ramp; range [0, 0.5]; signs mixed; }"),
     "E0410 E0410 E0410 E0410"},
    {MAP("8x8", "layer a = conv(3x3, 4); layer b = pool(max) 2x2 { depress over filters; alpha frozen; }"), "E0410"},
    {MAP("8x8", "layer a = pool(max) 2x2 { depress over filters; fire ramp; }"), "E0426"},
    {MAP("8x8", "layer a = pool(max) 2x2 { fire graded; }"), "E0410"},
    {MAP("8x8", "layer a = pool(mean) 2x2 { depress over places 5x5; }"), "E0424"},
    {FILTERS("calibrate 1;"), "E0410"},
    /* sources */
    {MAP("8x8", "layer a = conv(3x3, 2); layer b = conv(3x3, 2) from a, input;"), "E0422"},
    {MAP("8x8", "layer a = conv(3x3, 2); layer b = pool(max) 2x2 from input, a;"), "E0422"},
    {MAP("8x8", "layer a = dense(3); layer b = dense(2) from a, input, a;"), "E0603"},
    {MAP("8x8", "layer a = dense(3); layer b = dense(2) from a, c;"), "E0406"},
    {MAP("8x8", "layer a = dense(3); layer b = dense(2) from input;"), "E0408"},
    {MAP("8x8", "layer a = dense(3) from input; layer input = dense(2);"), "E0203"},
    {MAP("4096x4096", "layer a = conv(4096x4096, 1); layer b = dense(2) from input, a;"), "E0311"},
    /* neighbourhoods */
    {FILTERS("depress over filters within 5;"), "E0423"},
    {FILTERS("depress over filters within 0;"), "E0301"},
    {FILTERS("depress over filters keep 9;"), "E0427"},
    {FILTERS("depress over filters within 2 keep 5;"), "E0427"},
    {FILTERS("depress over filters keep 100%;"), "E0427"},
    {FILTERS("depress over filters keep 120%;"), "E0301"},
    {FILTERS("depress over filters keep 2.5;"), "E0302"},
    {FILTERS("depress over filters gap -1;"), "E0301"},
    {FILTERS("depress over places 7x3;"), "E0424"},
    {FILTERS("depress over places 2x3;"), "E0425"},
    {FILTERS("depress over places 1x1;"), "E0426"},
    {FILTERS("depress over places 3x3 keep 9;"), "E0427"},
    {FILTERS("depress over places 3x3 within 2;"), "E0410"},
    {FILTERS("depress over places 3x3x3;"), "E0416"},
    {MAP("8x8", "layer a = conv(3x3, 1) { depress over filters; }"), "E0426"},
    {MAP("8x8", "layer a = dense(9) { depress over places 3x3; }"), "E0424"},
    {MAP("8x8", "layer a = dense(9) { depress over filters within 4; }"), ""},
    {FILTERS("fire graded;"), "E0428"},
    {FILTERS("fire logistic(4); depress over filters;"), "E0429"},
    {FILTERS("fire logistic(3); depress over filters;"), "E0429"},
    {FILTERS("fire logistic(0);"), "E0301"},
    {FILTERS("depress over filters; deprss over places; fire graded;"), "E0202"},
    {FILTERS("deprss over filters; fire graded;"), "E0202"},
    /* encodings */
    {MAP("8x8", ""), ""},
    {"network n { input image(8x8) { opponent; } layer a = dense(2); }", "E0430"},
    {"network n { input vector(8) { opponent; normalise local 3x3; whiten 90 patches of 3x3; } layer a = dense(2); "
     "}",
     "E0431 E0431 E0431"},
    {ENCODED("opponent; opponent;"), "E0309"},
    {ENCODED("split on off; split on off;"), "E0309"},
    {ENCODED("split on off; normalise local 3x3;"), "E0432"},
    {ENCODED("levels 3; split on off;"), "E0432"},
    {ENCODED("levels 3; opponent; complement;"), "E0432"},
    {ENCODED("complement; levels 3;"), "E0432"},
    {ENCODED("complement; split on off;"), "E0432"},
    {ENCODED("levels 3; levels 3;"), "E0309"},
    {ENCODED("levels 0;"), "E0301"},
    {ENCODED("levels 256;"), "E0301"},
    {ENCODED("levels 2.5;"), "E0302"},
    {ENCODED("levles 2;"), "E0202"},
    {"network n { input image(1000x1000, 1) { levels 17; } layer a = conv(9x9, 1); }", "E0311"},
    {ENCODED("normalise local 9x3;"), "E0417"},
    {ENCODED("whiten 200 patches of 9x3;"), "E0417"},
    {ENCODED("whiten 107 patches of 6x6;"), "E0433"},
    {ENCODED("whiten 0 patches of 6x6;"), "E0301"},
    {ENCODED("whiten 108 patches of 6x6 epsilon 0;"), "E0301"},
    {ENCODED("whiten 108 patches of 6x6x3;"), "E0416"},
    {"network n { input image(4000x4000, 1) { split on off; } layer a = conv(9x9, 1); }", "E0311"},
};

static void refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof REFUSED / sizeof *REFUSED; i++)
        expect_codes(REFUSED[i].text, REFUSED[i].codes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes),     cmocka_unit_test(series), cmocka_unit_test(sources), cmocka_unit_test(encodings),
        cmocka_unit_test(neighbours), cmocka_unit_test(firing), cmocka_unit_test(starts),  cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
