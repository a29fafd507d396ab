/* Samples in the caller's memory: they are copied, joined, held out and hashed, or refused if they do not fit the spec,
 * the network or its labels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "bouton/compiler.h"

enum { COUNT = 6, VALUES = 4 };
static const uint8_t bytes[COUNT * VALUES] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11,
                                              12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 255};
static const uint32_t labels[COUNT] = {0, 1, 2, 0, 1, 2};
static const br_samples plain = {.count = COUNT, .shape = {2, 2, 1}, .bytes = bytes, .labels = labels};
static const br_data_spec square = {.low = 0, .high = 255, .shape = {2, 2, 1}, .classes = 3};

static br_data *take(const br_data_spec *spec, const br_samples *train, const br_samples *test)
{
    const br_samples given[BT_SPLITS] = {[BT_SPLIT_TRAIN] = *train, [BT_SPLIT_TEST] = *test};
    br_data *data;
    br_error error = {0};
    if (br_data_from_memory(spec, given, 1, &data, &error) != 0)
        fail_msg("%s", error.message);
    return data;
}

static void samples_are_copied(void **state)
{
    (void)state;
    uint8_t mine[sizeof bytes];
    memcpy(mine, bytes, sizeof mine);
    br_samples train = plain, none = {0};
    train.bytes = mine;
    br_data *data = take(&square, &train, &none);
    memset(mine, 77, sizeof mine);
    const br_samples *got = br_data_split(data, BT_SPLIT_TRAIN);
    assert_int_equal(got->count, COUNT);
    assert_memory_equal(got->bytes, bytes, sizeof bytes);
    assert_memory_equal(got->labels, labels, sizeof labels);
    assert_true(got->high == 255);
    assert_int_equal(br_data_split(data, BT_SPLIT_TEST)->count, 0);
    br_data_free(data);
}

static void splits_are_joined_hashed_and_held_out(void **state)
{
    (void)state;
    float floats[VALUES] = {0, 0.5f, 254.25f, 255};
    br_samples test = {.count = 1, .shape = {1, VALUES, 1}, .floats = floats, .labels = labels};
    br_data_spec spec = square;
    br_data *whole = take(&spec, &plain, &test);
    spec.hold_out = 1.0 / 3;
    br_data *held = take(&spec, &plain, &test);
    assert_int_equal(br_data_split(held, BT_SPLIT_TRAIN)->count, 4);
    assert_int_equal(br_data_split(held, BT_SPLIT_VALIDATION)->count, 2);
    assert_true(br_data_hash(held) == br_data_hash(whole));
    const br_samples *got =
        br_data_split(whole, BT_SPLIT_TEST); /* if any split has floats, all have; the shape is that of the spec */
    assert_int_equal(got->shape.height, 2);
    assert_true(got->floats[2] == 254.25f && br_data_split(whole, BT_SPLIT_TRAIN)->floats[VALUES * COUNT - 1] == 255);
    br_data_free(held);
    floats[1] = 0.25f;
    br_data *other = take(&square, &plain, &test);
    assert_false(br_data_hash(other) == br_data_hash(whole));
    br_data_free(other);
    br_data_free(whole);
}

static void they_stand_behind_the_sources(void **state)
{
    (void)state;
    br_source digits = {.format = BT_FORMAT_SYNTHETIC, .split = BT_SPLIT_TRAIN, .samples = 2};
    br_data_spec spec = {.source_count = 1, .sources = &digits, .high = 255, .shape = {28, 28, 1}, .classes = 10};
    uint8_t grey[28 * 28];
    uint32_t label = 9;
    memset(grey, 100, sizeof grey);
    br_samples mine = {.count = 1, .shape = {28, 28, 1}, .bytes = grey, .labels = &label}, none = {0};
    br_data *data = take(&spec, &mine, &none);
    const br_samples *got = br_data_split(data, BT_SPLIT_TRAIN);
    assert_int_equal(got->count, 3);
    assert_int_equal(got->labels[2], 9);
    assert_memory_equal(got->bytes + 2 * sizeof grey, grey, sizeof grey);
    br_data_free(data);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    float floats[VALUES * COUNT] = {[5] = NAN};
    uint32_t beyond[COUNT] = {0, 1, 2, 0, 3, 2};
    static const uint8_t too_many[COUNT * 9];
    struct {
        br_samples train, test;
        const char *words;
    } cases[] = {
        {{.count = COUNT, .shape = {2, 2, 1}, .labels = labels}, {0}, "train: either bytes or floats"},
        {{.count = COUNT, .shape = {2, 2, 1}, .bytes = bytes, .floats = floats}, {0}, "not both"},
        {{.count = COUNT, .shape = {3, 3, 1}, .bytes = too_many}, {0}, "are 3x3, but the network's input is 2x2"},
        {{.count = COUNT, .shape = {2, 0, 1}, .bytes = bytes}, {0}, "holds no samples"},
        {{.count = COUNT, .shape = {2, 2, 1}, .floats = floats},
         {0},
         "row 0, column 1 of sample 1 is not a finite number"},
        {{.count = COUNT, .shape = {2, 2, 1}, .bytes = bytes, .labels = beyond},
         {0},
         "sample 4 has label 3; the network knows 0 to 2"},
        {plain, {.count = 1, .shape = {2, 2, 1}, .bytes = bytes}, "samples with labels and samples without"},
        {{.count = UINT64_MAX / 2, .shape = {2, 2, 1}, .bytes = bytes}, {0}, "the limit is"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const br_samples given[BT_SPLITS] = {[BT_SPLIT_TRAIN] = cases[i].train, [BT_SPLIT_TEST] = cases[i].test};
        br_data *data = (br_data *)&cases;
        br_error error = {0};
        assert_int_equal(br_data_from_memory(&square, given, 1, &data, &error), -1);
        assert_null(data);
        if (strstr(error.message, cases[i].words) == NULL)
            fail_msg("case %zu: %s", i, error.message);
    }
    br_data_spec narrow = square;
    narrow.high = 200;
    const br_samples given[BT_SPLITS] = {[BT_SPLIT_TRAIN] = plain};
    br_data *data;
    br_error error = {0};
    assert_int_equal(br_data_from_memory(&narrow, given, 1, &data, &error), -1);
    assert_non_null(strstr(error.message, "row 1, column 1 of sample 5 is 255, outside the default range [0, 200]"));
    assert_int_equal(error.kind, BR_ERROR_CHECK);
}

static br_data *borrow(const br_data_spec *spec, const br_samples *train)
{
    const br_samples given[BT_SPLITS] = {[BT_SPLIT_TRAIN] = *train};
    br_data *data;
    br_error error = {0};
    if (br_data_borrow(spec, given, 1, &data, &error) != 0)
        fail_msg("%s", error.message);
    return data;
}

/* Borrowed values stay where they are until something changes them, and the caller's are never written to. */
static void values_are_borrowed(void **state)
{
    (void)state;
    float floats[COUNT * VALUES];
    for (int i = 0; i < COUNT * VALUES; i++)
        floats[i] = (float)i;
    br_samples with_floats = plain, none = {0};
    with_floats.bytes = NULL;
    with_floats.floats = floats;
    br_data *data = borrow(&square, &plain), *copied = take(&square, &plain, &none);
    assert_ptr_equal(br_data_split(data, BT_SPLIT_TRAIN)->bytes, bytes);
    assert_true(br_data_hash(data) == br_data_hash(copied));
    br_data_free(data);
    data = borrow(&square, &with_floats);
    assert_ptr_equal(br_data_split(data, BT_SPLIT_TRAIN)->floats, floats);
    br_data_free(data);
    const br_data_spec changing[] = {
        {.low = 0, .high = 255, .shape = {2, 2, 1}, .classes = 3, .hold_out = 1.0 / 3},
        {.low = 0, .high = 255, .shape = {2, 2, 1}, .classes = 3, .scaling = BT_SCALING_COLUMNS},
        {.low = 0, .high = 255, .shape = {2, 2, 1}, .classes = 3, .pictures = {.turns = 1}},
        {.low = 0, .high = 255, .shape = {2, 2, 1}, .classes = 3, .pictures = {.invert = true}},
        {.low = 0, .high = 22.99999, .shape = {2, 2, 1}, .classes = 3}, /* 23 is 23 but for rounding, and is cut */
    };
    for (size_t i = 0; i < sizeof changing / sizeof *changing; i++) {
        br_data *mine = take(&changing[i], &with_floats, &none);
        data = borrow(&changing[i], &with_floats);
        const br_samples *got = br_data_split(data, BT_SPLIT_TRAIN), *want = br_data_split(mine, BT_SPLIT_TRAIN);
        assert_ptr_not_equal(got->floats, floats);
        assert_int_equal(got->count, want->count);
        assert_memory_equal(got->floats, want->floats, got->count * VALUES * sizeof(float));
        br_data_free(data);
        br_data_free(mine);
    }
    for (int i = 0; i < COUNT * VALUES; i++)
        assert_true(floats[i] == (float)i);
    br_data_free(copied);
}

/* Samples to answer are prepared as those of a file are. */
static void inputs_are_given(void **state)
{
    (void)state;
    br_error error = {0};
    br_data *data;
    br_schema schema = {.pictures = {.invert = true, .turns = 1}};
    br_reading reading = {.shape = {2, 2, 1}, .range = {0, 255}};
    assert_int_equal(br_inputs_given("X", &plain, &reading, &data, &error), 0);
    assert_ptr_equal(br_data_split(data, BT_SPLIT_TEST)->bytes, bytes);
    assert_null(br_data_split(data, BT_SPLIT_TEST)->labels);
    br_data_free(data);
    reading.schema = &schema;
    assert_int_equal(br_inputs_given("X", &plain, &reading, &data, &error), 0);
    const uint8_t turned[VALUES] = {253, 255, 252, 254}; /* of 0 1 / 2 3 */
    assert_memory_equal(br_data_split(data, BT_SPLIT_TEST)->bytes, turned, VALUES);
    br_data_free(data);
    float wrong[VALUES] = {0, NAN};
    br_samples bad = {.count = 1, .shape = {2, 2, 1}, .floats = wrong};
    assert_int_equal(br_inputs_given("X", &bad, &reading, &data, &error), -1);
    assert_non_null(strstr(error.message, "X: row 0, column 1 of sample 0 is not a finite number"));
    wrong[1] = 300; /* counts as 255 */
    reading.schema = NULL;
    assert_int_equal(br_inputs_given("X", &bad, &reading, &data, &error), 0);
    assert_true(br_data_split(data, BT_SPLIT_TEST)->floats[1] == 255 && wrong[1] == 300);
    const br_note *notes;
    assert_int_equal(br_data_notes(data, &notes), 1);
    br_data_free(data);
}

/* ---- networks that read the samples ---- */

typedef struct fixture {
    bl_context *context;
    bc_code *code;
    br_network *network;
    br_schedule schedule;
    br_data_spec spec;
} fixture;

static fixture begin(void)
{
    static const char text[] = "network n { input image(2x2) in [0, 0.5]; layer class = dense(2); }\n"
                               "schedule { phase p { correct class; epochs 1; } }\n";
    fixture f = {.context = bl_context_new()};
    br_error error = {0};
    assert_int_equal(bl_load_text(f.context, "n.btn", text, sizeof text - 1), 0);
    const bl_program *program = bl_check(f.context, NULL);
    assert_non_null(program);
    if (bc_compile(program, NULL, &f.code, &error) != 0 || bc_lower_schedule(program, &f.schedule, &error) != 0 ||
        bc_lower_data(program, &f.spec, &error) != 0 ||
        br_network_new(bc_code_model(f.code), &f.network, &error) != 0 ||
        br_network_start(f.network, f.schedule.starts, 7, &error) != 0)
        fail_msg("%s", error.message);
    return f;
}

static void end(fixture *f)
{
    br_network_free(f->network);
    bc_lowered_data_free(&f->spec);
    bc_lowered_schedule_free(&f->schedule);
    bc_code_free(f->code);
    bl_context_free(f->context);
}

static void a_text_without_data_describes_its_input(void **state)
{
    (void)state;
    fixture f = begin();
    assert_int_equal(f.spec.source_count, 0);
    assert_int_equal(f.spec.classes, 2);
    assert_true(f.spec.low == 0 && f.spec.high == 255 && f.spec.hold_out == 0);
    br_samples two = plain, none = {0};
    two.count = 2;
    br_data *data = take(&f.spec, &two, &none);
    br_train_result result;
    br_error error = {0};
    assert_int_equal(br_train(f.network, &f.schedule, data, NULL, &result, &error), 0);
    assert_int_equal(result.samples, 2);
    float levels[COUNT][2], again[COUNT][2];
    uint32_t answers[COUNT];
    br_samples asked = plain;
    asked.high = 255;
    assert_int_equal(br_predict(f.network, &asked, 1, &(br_outputs){answers, levels[0], NULL}, &error), 0);
    assert_int_equal(br_predict(f.network, &asked, 1, &(br_outputs){NULL, again[0], NULL}, &error), 0);
    assert_memory_equal(levels, again, sizeof levels);
    br_data_free(data);
    end(&f);
}

static void labels_and_shapes_beyond_the_network_are_refused(void **state)
{
    (void)state;
    fixture f = begin();
    br_samples none = {0}, flat = {.count = 3, .shape = {1, 4, 1}, .bytes = bytes, .labels = labels};
    br_samples unknown = plain, tried = plain;
    br_train_result result;
    br_score score;
    br_error error = {0};
    br_data *three = take(&square, &plain, &none); /* three classes, whereas the network has two */
    assert_int_equal(br_train(f.network, &f.schedule, three, NULL, &result, &error), -1);
    assert_string_equal(error.message, "network n: sample 2 has label 2; the network knows 0 to 1");
    br_data_free(three);
    br_data_spec row = square;
    row.shape.height = 1;
    row.shape.width = 4;
    br_data *flatly = take(&row, &flat, &none);
    assert_int_equal(br_train(f.network, &f.schedule, flatly, NULL, &result, &error), -1);
    assert_string_equal(error.message, "network n reads 2x2x1 values, the samples have 1x4x1");
    br_data_free(flatly);
    unknown.labels = NULL;
    br_data *unlabelled = take(&square, &unknown, &none);
    assert_int_equal(br_train(f.network, &f.schedule, unlabelled, NULL, &result, &error), -1);
    assert_string_equal(error.message, "network n: the samples have no labels, which are needed to correct");
    br_data_free(unlabelled);
    tried.high = 255;
    assert_int_equal(br_score_samples(f.network, &tried, 1, &score, &error), -1);
    assert_string_equal(error.message, "network n: sample 2 has label 2; the network knows 0 to 1");
    br_score_free(&score);
    end(&f);
}

static void code_of_another_machine_is_not_run(void **state)
{
    (void)state;
    fixture f = begin();
    const bl_program *program = bl_check(f.context, NULL);
    bc_options options = BC_OPTIONS_DEFAULT;
    bc_code *code;
    br_error error = {0};
    options.target = "aarch64";
    options.cpu = "generic";
    assert_int_equal(bc_compile(program, &options, &code, &error), -1);
    assert_int_equal(error.kind, BR_ERROR_USAGE);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_are_copied),
        cmocka_unit_test(splits_are_joined_hashed_and_held_out),
        cmocka_unit_test(they_stand_behind_the_sources),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(values_are_borrowed),
        cmocka_unit_test(inputs_are_given),
        cmocka_unit_test(a_text_without_data_describes_its_input),
        cmocka_unit_test(labels_and_shapes_beyond_the_network_are_refused),
        cmocka_unit_test(code_of_another_machine_is_not_run),
    };
    return cmocka_run_group_tests_name("given", tests, NULL, NULL);
}
