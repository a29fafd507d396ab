/* Lowering of a data block: the runtime's struct says everything that the text says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bouton/compiler.h"

typedef struct lowered {
    bl_context *context;
    br_data_spec spec;
} lowered;

static lowered lower(const char *text)
{
    lowered out = {.context = bl_context_new()};
    br_error error;
    assert_non_null(out.context);
    assert_int_equal(bl_load_text(out.context, "lower.btn", text, strlen(text)), 0);
    const bl_program *program = bl_check(out.context, NULL);
    if (!program)
        bl_write_diagnostics(out.context, stderr, false);
    assert_non_null(program);
    assert_int_equal(bc_lower_data(program, &out.spec, &error), 0);
    return out;
}

static void release(lowered *l)
{
    bc_lowered_data_free(&l->spec);
    bl_context_free(l->context);
}

static void tables_and_archives(void **state)
{
    (void)state;
    lowered l =
        lower("network n { input vector(4); layer a = dense(2); }"
              "data d { csv train \"a\" label \"kind\" without \"id\" categories \"x\", \"y\" header missing as mean;"
              "npz test \"b\" values \"v\" label \"w\";"
              "classes \"on\", \"off\"; hold out 10% of train as validation; }");
    const br_source *csv = &l.spec.sources[0], *npz = &l.spec.sources[1];
    assert_int_equal(l.spec.source_count, 2);
    assert_true(csv->format == BT_FORMAT_CSV && csv->table.label == BT_LABEL_NAMED);
    assert_string_equal(csv->table.label_name, "kind");
    assert_true(csv->table.header == BT_HEADER_YES && csv->table.missing == BT_MISSING_MEAN);
    assert_true(csv->table.without_count == 1 && csv->table.category_count == 2 && !csv->table.all_categories);
    assert_string_equal(csv->table.without[0], "id");
    assert_string_equal(csv->table.categories[1], "y");
    assert_true(npz->format == BT_FORMAT_NPZ && npz->split == BT_SPLIT_TEST);
    assert_string_equal(npz->inputs, "b");
    assert_string_equal(npz->member, "v");
    assert_string_equal(npz->labels_of, "w");
    assert_true(l.spec.hold_out == 0.1 && l.spec.hold_out_test == 0);
    assert_true(l.spec.vector && l.spec.scaling == BT_SCALING_COLUMNS && !l.spec.range_given && !l.spec.centred);
    assert_true(l.spec.low == 0 && l.spec.high == 1 && l.spec.classes == 2);
    assert_string_equal(l.spec.class_names[1], "off");
    release(&l);
}

static void pictures(void **state)
{
    (void)state;
    lowered l = lower("network n { input image(2x3, rgb); layer a = dense(2); }"
                      "data d { images train \"a\"; hold out 20% of train as test; values in [0, 100];"
                      "background rgb(1, 2, 3); invert; transpose; turn 270; }");
    const br_pictures *p = &l.spec.pictures;
    assert_true(p->background_given && p->background[0] == 1 && p->background[1] == 2 && p->background[2] == 3);
    assert_true(p->invert && p->transpose && p->turns == 3);
    assert_true(l.spec.hold_out_test == 0.2 && l.spec.range_given && l.spec.high == 100 && !l.spec.vector);
    assert_true(l.spec.scaling == BT_SCALING_RANGE && l.spec.class_names == NULL);
    release(&l);
}

/* Only `split on off` reads what lies below the mean. */
static void centred(void **state)
{
    (void)state;
#define SERIES(encoding)                                                                                               \
    "network n { input series(8, 2) in [0, 0.5] { " encoding " } layer a = dense(2); }"                                \
    "data d { csv train \"a\"; values standardised; }"
    lowered split = lower(SERIES("split on off;")), other = lower(SERIES("levels 3; complement;"));
#undef SERIES
    assert_true(split.spec.centred && split.spec.scaling == BT_SCALING_STANDARD && !split.spec.vector);
    assert_true(!other.spec.centred && other.spec.scaling == BT_SCALING_STANDARD);
    assert_true(split.spec.shape.height == 1 && split.spec.shape.width == 8 && split.spec.shape.channels == 2);
    release(&split);
    release(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_and_archives),
        cmocka_unit_test(pictures),
        cmocka_unit_test(centred),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
