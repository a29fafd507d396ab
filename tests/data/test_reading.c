/* From raw values to samples: ranges of columns, splits held out class by class, and suspicions. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bouton/runtime.h"
#include "data/scaling.h"
#include "data/schema.h"
#include "data/suspect.h"

/* Rows of three columns of very different size; class 2 is rare. */
enum { ROWS = 100, COLUMNS = 3 };

typedef struct table {
    float values[ROWS][COLUMNS];
    uint32_t labels[ROWS];
} table;

static void fill(table *t)
{
    for (uint32_t i = 0; i < ROWS; i++) {
        t->values[i][0] = 10 + (float)i / 10;
        t->values[i][1] = 1000 - 5 * (float)i;
        t->values[i][2] = (float)(i % 4);
        t->labels[i] = i % 10 == 0 ? 2 : i % 2;
    }
}

static br_data *load(const br_data_spec *spec, const br_samples *train, const br_samples *test, uint64_t seed)
{
    br_samples given[BT_SPLITS] = {[BT_SPLIT_TRAIN] = *train};
    br_data *data;
    br_error error;
    if (test != NULL)
        given[BT_SPLIT_TEST] = *test;
    if (br_data_from_memory(spec, given, seed, &data, &error) != 0)
        fail_msg("%s", error.message);
    return data;
}

static br_samples rows_of(const table *t)
{
    return (br_samples){.count = ROWS, .shape = {1, COLUMNS, 1}, .floats = &t->values[0][0], .labels = t->labels};
}

static br_data_spec vector_spec(bt_scaling scaling)
{
    return (br_data_spec){.scaling = scaling, .high = 1, .vector = true, .shape = {1, COLUMNS, 1}, .classes = 3};
}

static bool noted(const br_data *data, bool warning, const char *part)
{
    const br_note *notes;
    uint32_t count = br_data_notes(data, &notes);
    for (uint32_t i = 0; i < count; i++)
        if (notes[i].warning == warning && strstr(notes[i].text, part) != NULL)
            return true;
    for (uint32_t i = 0; i < count; i++)
        print_message("%s: %s\n", notes[i].warning ? "warning" : "note", notes[i].text);
    return false;
}

/* ---- ranges of columns ---- */

static void a_value_is_scaled_and_clamped(void **state)
{
    (void)state;
    br_range range = {-2, 6};
    assert_true(br_scaled(-2, range, false) == 0 && br_scaled(6, range, false) == 1);
    assert_true(br_scaled(0, range, false) == 0.25f && br_scaled(0, range, true) == -0.5f);
    assert_true(br_scaled(-100, range, false) == 0 && br_scaled(100, range, true) == 1);
}

static void each_column_spans_its_own_values(void **state)
{
    (void)state;
    table t;
    fill(&t);
    br_samples train = rows_of(&t);
    br_data_spec spec = vector_spec(BT_SCALING_COLUMNS);
    br_data *data = load(&spec, &train, NULL, 1);
    const br_samples *out = br_data_split(data, BT_SPLIT_TRAIN);
    const br_schema *schema = br_data_schema(data);
    assert_int_equal(schema->range_count, COLUMNS);
    assert_true(schema->ranges[1].low == 505 && schema->ranges[1].high == 1000);
    assert_true(out->low == 0 && out->high == 1);
    for (uint32_t i = 0; i < ROWS; i++)
        for (uint32_t c = 0; c < COLUMNS; c++)
            assert_true(out->floats[i * COLUMNS + c] == br_scaled((double)t.values[i][c], schema->ranges[c], false));
    br_data_free(data);
}

static void standardised_columns_reach_three_deviations(void **state)
{
    (void)state;
    table t;
    fill(&t);
    double mean = 0, squares = 0;
    for (uint32_t i = 0; i < ROWS; i++)
        mean += (double)t.values[i][1] / ROWS;
    for (uint32_t i = 0; i < ROWS; i++)
        squares += ((double)t.values[i][1] - mean) * ((double)t.values[i][1] - mean);
    double deviation = sqrt(squares / ROWS);
    br_samples train = rows_of(&t);
    br_data_spec spec = vector_spec(BT_SCALING_STANDARD);
    spec.centred = true;
    br_data *data = load(&spec, &train, NULL, 1);
    const float *first = br_data_split(data, BT_SPLIT_TRAIN)->floats;
    assert_float_equal(br_data_schema(data)->ranges[1].low, mean - 3 * deviation, 1e-6 * mean);
    assert_float_equal(first[1], ((double)t.values[0][1] - mean) / (3 * deviation), 1e-6);
    br_data_free(data);
}

/* Channels of a series share a range over all readings. */
static void a_channel_is_a_column(void **state)
{
    (void)state;
    static const float readings[] = {0, 100, 1, 200, 2, 300, 4, 500};
    static const uint32_t labels[] = {0, 1};
    br_samples train = {.count = 2, .shape = {1, 2, 2}, .floats = readings, .labels = labels};
    br_data_spec spec = {.scaling = BT_SCALING_COLUMNS, .high = 1, .shape = {1, 2, 2}, .classes = 2};
    br_data *data = load(&spec, &train, NULL, 1);
    static const float wanted[] = {0, 0, 0.25f, 0.25f, 0.5f, 0.5f, 1, 1};
    assert_int_equal(br_data_schema(data)->range_count, 2);
    assert_memory_equal(br_data_split(data, BT_SPLIT_TRAIN)->floats, wanted, sizeof wanted);
    br_data_free(data);
}

/* The model's ranges are used, not those of the new samples; a value far outside is told of. */
static void a_schema_decides(void **state)
{
    (void)state;
    table t;
    fill(&t);
    br_samples train = rows_of(&t);
    br_data_spec spec = vector_spec(BT_SCALING_COLUMNS);
    br_data *data = load(&spec, &train, NULL, 1);
    static const float strange[] = {12, 750, 1, 15, 99999, 2};
    static const uint32_t labels[] = {0, 1};
    br_samples test = {.count = 2, .shape = {1, COLUMNS, 1}, .floats = strange, .labels = labels};
    br_data_spec later = spec;
    later.schema = br_data_schema(data);
    br_samples none = {0};
    br_data *read = load(&later, &none, &test, 1);
    const float *values = br_data_split(read, BT_SPLIT_TEST)->floats;
    assert_true(values[0] == br_scaled(12, later.schema->ranges[0], false));
    assert_true(values[4] == 1);
    assert_true(noted(read, true, "sample 1, column 2: 99999 lies far outside"));
    br_data_free(read);
    br_data_free(data);
}

static void ranges_need_training_samples(void **state)
{
    (void)state;
    table t;
    fill(&t);
    br_samples given[BT_SPLITS] = {[BT_SPLIT_TEST] = rows_of(&t)};
    br_data_spec spec = vector_spec(BT_SCALING_COLUMNS);
    br_data *data;
    br_error error;
    assert_int_equal(br_data_from_memory(&spec, given, 1, &data, &error), -1);
    assert_non_null(strstr(error.message, "no training samples"));
}

/* ---- schemas as text ---- */

static void a_schema_is_the_same_after_text(void **state)
{
    (void)state;
    br_schema schema = {.missing = BT_MISSING_MEAN,
                        .scaling = BT_SCALING_STANDARD,
                        .centred = true,
                        .pictures = {.background = {1, 2, 3}, .background_given = true, .transpose = true, .turns = 3}};
    br_error error;
    br_schema *back;
    char *text, *again;
    assert_int_equal(br_schema_add_class(&schema, "a b", &error), 0);
    assert_int_equal(br_schema_add_class(&schema, "line\nbreak \\n", &error), 0);
    assert_int_equal(br_schema_add_class(&schema, "", &error), 0);
    assert_int_equal(br_schema_add_column(&schema, BT_ROLE_NUMBER, NULL, &error), 0);
    assert_int_equal(br_schema_add_column(&schema, BT_ROLE_CATEGORY, "soil type", &error), 0);
    assert_int_equal(br_schema_add_word(&schema, "clay", &error), 0);
    assert_int_equal(br_schema_add_word(&schema, "sand", &error), 0);
    assert_int_equal(br_schema_add_range(&schema, (br_range){0.1, 1e30}, &error), 0);
    assert_int_equal(br_schema_write(&schema, &text, &error), 0);
    assert_int_equal(br_schema_read(text, &back, &error), 0);
    assert_int_equal(back->class_count, 3);
    assert_string_equal(back->classes[1], "line\nbreak \\n");
    assert_null(back->columns[0].name);
    assert_string_equal(back->columns[1].words[1], "sand");
    assert_true(back->ranges[0].low == 0.1 && back->centred && back->pictures.turns == 3);
    assert_int_equal(br_schema_write(back, &again, &error), 0);
    assert_string_equal(text, again);
    free(text);
    free(again);
    br_schema_free(back);
    br_schema_clear(&schema);
}

static void damaged_schemas_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "schema 2\n",
                                        "schema 1\nword a\n",
                                        "schema 1\nrange 2 1\n",
                                        "schema 1\nrange 1 nan\n",
                                        "schema 1\nscaling sideways\n",
                                        "schema 1\npictures 256 0 0 0 0 0 0\n",
                                        "schema 1\ncolumn number x\n",
                                        "schema 1\nclass a\\x\n",
                                        "schema 1\nnonsense\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        br_schema *schema;
        br_error error;
        assert_int_equal(br_schema_read(texts[i], &schema, &error), -1);
        assert_int_equal(error.kind, BR_ERROR_IO);
        assert_null(schema);
    }
}

/* ---- splits ---- */

static void count_classes(const br_samples *samples, uint32_t counts[3])
{
    memset(counts, 0, 3 * sizeof *counts);
    for (uint64_t i = 0; i < samples->count; i++)
        counts[samples->labels[i]]++;
}

static void splits_have_the_classes_in_proportion(void **state)
{
    (void)state;
    table t;
    fill(&t);
    br_samples train = rows_of(&t);
    br_data_spec spec = vector_spec(BT_SCALING_COLUMNS);
    spec.hold_out = 0.2;
    spec.hold_out_test = 0.3;
    for (uint64_t seed = 1; seed < 20; seed++) {
        br_data *data = load(&spec, &train, NULL, seed);
        uint32_t test[3], validation[3];
        count_classes(br_data_split(data, BT_SPLIT_TEST), test);
        count_classes(br_data_split(data, BT_SPLIT_VALIDATION), validation);
        assert_int_equal(br_data_split(data, BT_SPLIT_TRAIN)->count, 50);
        assert_true(test[0] == 12 && test[1] == 15 && test[2] == 3);
        assert_true(validation[0] == 8 && validation[1] == 10 && validation[2] == 2);
        br_data_free(data);
    }
}

static void seeds_choose_other_samples(void **state)
{
    (void)state;
    table t;
    fill(&t);
    br_samples train = rows_of(&t);
    br_data_spec spec = vector_spec(BT_SCALING_RANGE);
    spec.high = 1000;
    spec.hold_out = 0.2;
    br_data *one = load(&spec, &train, NULL, 1), *same = load(&spec, &train, NULL, 1);
    br_data *other = load(&spec, &train, NULL, 2);
    size_t bytes = 20 * COLUMNS * sizeof(float);
    const float *held = br_data_split(one, BT_SPLIT_VALIDATION)->floats;
    assert_memory_equal(held, br_data_split(same, BT_SPLIT_VALIDATION)->floats, bytes);
    assert_memory_not_equal(held, br_data_split(other, BT_SPLIT_VALIDATION)->floats, bytes);
    assert_true(br_data_hash(one) == br_data_hash(other));
    br_data_free(one);
    br_data_free(same);
    br_data_free(other);
}

/* ---- suspicions ---- */

static void a_single_value_far_from_all_others_is_told(void **state)
{
    (void)state;
    table t;
    fill(&t);
    t.values[77][0] = 950;
    br_samples train = rows_of(&t);
    br_data_spec spec = vector_spec(BT_SCALING_COLUMNS);
    br_data *data = load(&spec, &train, NULL, 1);
    assert_true(noted(data, true, "column 1: the value 950 of sample 77 lies far from the others"));
    br_data_free(data);
}

static void classes_without_samples_are_told(void **state)
{
    (void)state;
    table t;
    fill(&t);
    br_samples train = rows_of(&t);
    br_data_spec spec = vector_spec(BT_SCALING_COLUMNS);
    spec.classes = 5;
    br_data *data = load(&spec, &train, NULL, 1);
    assert_true(noted(data, true, "classes 3, 4 have no training sample"));
    br_data_free(data);
    memset(t.labels, 0, sizeof t.labels);
    data = load(&spec, &train, NULL, 1);
    assert_true(noted(data, true, "all 100 training samples have the label 0"));
    br_data_free(data);
}

static void natural_ranges_are_found(void **state)
{
    (void)state;
    static const struct {
        double least, most, low, high;
    } cases[] = {{0, 1, 0, 1},           {0.2, 0.9, 0, 1},   {-0.7, 1, -1, 1},       {3, 200, 0, 255},
                 {-100, 120, -128, 127}, {0, 4000, 0, 4095}, {-1.5, 2.5, -1.5, 2.5}, {-70000, 3, -70000, 3}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        br_range found = br_range_natural(cases[i].least, cases[i].most);
        assert_true(found.low == cases[i].low && found.high == cases[i].high);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_is_scaled_and_clamped),
        cmocka_unit_test(each_column_spans_its_own_values),
        cmocka_unit_test(standardised_columns_reach_three_deviations),
        cmocka_unit_test(a_channel_is_a_column),
        cmocka_unit_test(a_schema_decides),
        cmocka_unit_test(ranges_need_training_samples),
        cmocka_unit_test(a_schema_is_the_same_after_text),
        cmocka_unit_test(damaged_schemas_are_refused),
        cmocka_unit_test(splits_have_the_classes_in_proportion),
        cmocka_unit_test(seeds_choose_other_samples),
        cmocka_unit_test(a_single_value_far_from_all_others_is_told),
        cmocka_unit_test(classes_without_samples_are_told),
        cmocka_unit_test(natural_ranges_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
