/* Tables. The first two bytes choose the layout, what is known, and where the text is cut into a table of train and one
 * of test. */
#include "data/schema.h"
#include "data/table/table.h"
#include "reading.h"

enum { CLASSES = 3 };

static br_table layout_of(uint8_t bits)
{
    static const char *const columns[] = {"a", "2"};
    return (br_table){.label = (bt_label)(bits & 3),
                      .label_name = "label",
                      .header = (bt_header)((bits >> 2 & 3) % BT_HEADERS),
                      .missing = (bt_missing)((bits >> 4 & 3) % BT_MISSINGS),
                      .all_categories = (bits & 64) != 0,
                      .without = columns,
                      .without_count = bits & 128 ? 1 : 0,
                      .categories = columns + 1,
                      .category_count = bits & 128 ? 1 : 0};
}

static const br_schema *model(void)
{
    static const char *const words[] = {"blue", "red"}, *const classes[] = {"x", "y", "z"};
    static const br_column columns[] = {{.role = BT_ROLE_NUMBER, .name = "a", .fill = 1},
                                        {.role = BT_ROLE_LABEL, .name = "label"},
                                        {.role = BT_ROLE_CATEGORY, .name = "c", .word_count = 2, .words = words}};
    static const br_schema schema = {
        .class_count = CLASSES, .classes = classes, .column_count = 3, .columns = columns, .missing = BT_MISSING_MEAN};
    return &schema;
}

/* The arrays of a finished reading; a failure has a message that names a file. */
static void check(const br_tables_spec *spec, int status, br_array *arrays, const br_error *error)
{
    if (status != 0) {
        fuzz_require(error->kind != BR_OK && strstr(error->message, PATH) != NULL);
        return;
    }
    for (int i = 0; i < 2; i++) {
        uint64_t values = arrays[i].count * br_array_values(&arrays[i]);
        fuzz_require(arrays[i].shape.width == spec->values && values > 0);
        fuzz_require((arrays[i].bytes != NULL) != (arrays[i].floats != NULL));
        for (uint64_t v = 0; arrays[i].floats != NULL && v < values; v++)
            fuzz_require(isfinite(arrays[i].floats[v]));
        for (uint64_t s = 0; arrays[i].labels != NULL && s < arrays[i].count; s++)
            fuzz_require(arrays[i].labels[s] < spec->classes);
    }
}

static void read_tables(const br_tables_spec *given, const br_table *layout, const br_bytes texts[2])
{
    br_notes notes = {0};
    br_schema schema = {0};
    br_array arrays[2] = {0}, *list[2] = {&arrays[0], &arrays[1]};
    br_error error = {0};
    br_tables *tables;
    br_tables_spec spec = *given;
    spec.notes = &notes;
    fuzz_require(br_tables_new(&spec, &tables, &error) == 0);
    int status = 0;
    for (int i = 0; i < 2 && status == 0; i++) {
        status = br_tables_read_bytes(tables, PATH, &texts[i], layout, i == 0 ? BT_SPLIT_TRAIN : BT_SPLIT_TEST,
                                      &arrays[i], &error);
        fuzz_require(status == 0 || (arrays[i].bytes == NULL && arrays[i].floats == NULL && arrays[i].labels == NULL));
    }
    if (status == 0)
        status = br_tables_finish(tables, list, 2, &schema, &error);
    check(&spec, status, arrays, &error);
    br_tables_free(tables);
    for (int i = 0; i < 2; i++)
        br_array_free(&arrays[i]);
    br_schema_clear(&schema);
    br_notes_free(&notes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    br_table layout = layout_of(data[0]);
    uint8_t bits = data[1];
    size_t left = size - 2, cut = bits & 16 ? left * (bits >> 5) / 8 : left;
    br_bytes texts[2] = {fuzz_bytes(data + 2, cut), fuzz_bytes(data + 2 + cut, left - cut)};
    if (cut == left)
        texts[1] = texts[0];
    br_tables_spec spec = {.values = 1 + (bits & 3), .classes = CLASSES, .check_range = (bits & 4) != 0, .high = 255};
    read_tables(&spec, &layout, texts);
    spec.predicting = true;
    read_tables(&spec, bits & 8 ? &layout : NULL, texts);
    spec.schema = model();
    spec.values = 3;
    read_tables(&spec, bits & 8 ? &layout : NULL, texts);
    spec.predicting = false;
    read_tables(&spec, &layout, texts);
    return 0;
}
