/* One reading for several seeds: br_raw_split gives what br_data_load gives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bouton/runtime.h"

/* Rows of numbers of very different size, and a class that is rare, so that notes are told. */
static char *write_table(void)
{
    char *path = strdup("/tmp/bouton-raw-XXXXXX");
    int file = mkstemp(path);
    FILE *to = file >= 0 ? fdopen(file, "w") : NULL;
    assert_non_null(to);
    for (int i = 0; i < 90; i++)
        fprintf(to, "%d.5,%d,%d,%d\n", i, 1000 - 7 * i, i == 17 ? 900000 : i % 5, i % 9 == 0 ? 2 : i % 2);
    fclose(to);
    return path;
}

static void same_samples(const br_samples *a, const br_samples *b)
{
    uint64_t values = a->count * a->shape.height * a->shape.width * a->shape.channels;
    assert_int_equal(a->count, b->count);
    assert_memory_equal(&a->shape, &b->shape, sizeof a->shape);
    assert_true((a->bytes == NULL) == (b->bytes == NULL) && a->low == b->low && a->high == b->high);
    if (a->bytes != NULL && values > 0)
        assert_memory_equal(a->bytes, b->bytes, values);
    if (a->floats != NULL && values > 0)
        assert_memory_equal(a->floats, b->floats, values * sizeof(float));
    if (a->labels != NULL && a->count > 0)
        assert_memory_equal(a->labels, b->labels, a->count * sizeof *a->labels);
}

static void same_data(const br_data *a, const br_data *b)
{
    const br_note *of_a, *of_b;
    char *text_a, *text_b;
    br_error error;
    for (int split = 0; split < BT_SPLITS; split++)
        same_samples(br_data_split(a, (bt_split)split), br_data_split(b, (bt_split)split));
    assert_true(br_data_hash(a) == br_data_hash(b));
    uint32_t notes = br_data_notes(a, &of_a);
    assert_int_equal(notes, br_data_notes(b, &of_b));
    for (uint32_t i = 0; i < notes; i++)
        assert_string_equal(of_a[i].text, of_b[i].text);
    assert_int_equal(br_schema_write(br_data_schema(a), &text_a, &error), 0);
    assert_int_equal(br_schema_write(br_data_schema(b), &text_b, &error), 0);
    assert_string_equal(text_a, text_b);
    free(text_a);
    free(text_b);
}

static void check(const br_data_spec *spec, bool drawn)
{
    br_raw *raw = NULL;
    br_error error;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        br_data *loaded, *split;
        if ((raw == NULL || drawn) && (br_raw_free(raw), br_raw_read(spec, seed, &raw, &error)) != 0)
            fail_msg("%s", error.message);
        assert_int_equal(br_data_load(spec, seed, &loaded, &error), 0);
        assert_int_equal(br_raw_split(raw, spec, seed, &split, &error), 0);
        same_data(loaded, split);
        assert_true(br_raw_hash(raw) == br_data_hash(loaded));
        br_data_free(loaded);
        br_data_free(split);
    }
    br_raw_free(raw);
}

static void tables(void **state)
{
    (void)state;
    char *path = write_table();
    br_source source = {.format = BT_FORMAT_CSV, .inputs = path, .table = {.label = BT_LABEL_LAST}};
    source.table.missing = BT_MISSING_REFUSED;
    source.split = BT_SPLIT_TRAIN;
    br_data_spec spec = {
        .source_count = 1, .sources = &source, .high = 1, .vector = true, .shape = {1, 3, 1}, .classes = 3};
    static const bt_scaling scalings[] = {BT_SCALING_COLUMNS, BT_SCALING_STANDARD};
    for (size_t i = 0; i < sizeof scalings / sizeof *scalings; i++) {
        spec.scaling = scalings[i];
        spec.hold_out = 0;
        check(&spec, false);
        spec.hold_out = 0.2;
        spec.hold_out_test = 0.1;
        check(&spec, false);
    }
    unlink(path);
    free(path);
}

static void drawn_digits(void **state)
{
    (void)state;
    br_source sources[] = {{.format = BT_FORMAT_SYNTHETIC, .split = BT_SPLIT_TRAIN, .samples = 60},
                           {.format = BT_FORMAT_SYNTHETIC, .split = BT_SPLIT_TEST, .samples = 20}};
    br_data_spec spec = {.source_count = 2,
                         .sources = sources,
                         .hold_out = 0.1,
                         .scaling = BT_SCALING_RANGE,
                         .high = 255,
                         .shape = {28, 28, 1},
                         .classes = 10};
    check(&spec, true);
}

/* Nothing can be left when more is held out than there is: the error of br_data_load, after a reading that is fine. */
static void too_much_held_out(void **state)
{
    (void)state;
    br_source source = {.format = BT_FORMAT_SYNTHETIC, .split = BT_SPLIT_TRAIN, .samples = 1};
    br_data_spec spec = {.source_count = 1, .sources = &source, .high = 255, .shape = {28, 28, 1}, .classes = 10};
    br_raw *raw;
    br_data *data = NULL;
    br_error of_load, of_split;
    spec.hold_out = 0.5;
    assert_int_equal(br_raw_read(&spec, 1, &raw, &of_split), 0);
    assert_int_equal(br_raw_split(raw, &spec, 1, &data, &of_split), -1);
    assert_null(data);
    assert_int_equal(br_data_load(&spec, 1, &data, &of_load), -1);
    assert_string_equal(of_load.message, of_split.message);
    br_raw_free(raw);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tables), cmocka_unit_test(drawn_digits),
                                       cmocka_unit_test(too_much_held_out)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
