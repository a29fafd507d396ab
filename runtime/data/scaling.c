#include "data/scaling.h"

#include <math.h>
#include <stdio.h>

#include "base/memory.h"

#define DEVIATIONS 3.0 /* `standardised`: values farther than this from the mean count as the end */

typedef struct column_sums {
    double least, most, sum, squares;
    uint64_t count;
} column_sums;

float br_scaled(double raw, br_range range, bool centred)
{
    double u = (raw - range.low) / (range.high - range.low);
    u = u < 0 ? 0 : u > 1 ? 1 : u;
    return (float)(centred ? 2 * u - 1 : u);
}

uint32_t br_scaling_columns(bt_shape shape, bool vector)
{
    return vector ? (uint32_t)bt_values(shape) : shape.channels;
}

/* ---- names ---- */

/* The column of the table from which a value of a sample comes; the word, where a category makes it. */
static const br_column *source_of(const br_schema *schema, uint32_t value, const char **word, uint32_t *number)
{
    uint32_t at = 0;
    *word = NULL;
    for (uint32_t i = 0; i < schema->column_count; i++) {
        const br_column *column = &schema->columns[i];
        uint32_t values = column->role == BT_ROLE_NUMBER     ? 1
                          : column->role == BT_ROLE_CATEGORY ? column->word_count
                                                             : 0;
        *number = i + 1;
        if (value - at < values) {
            *word = column->role == BT_ROLE_CATEGORY ? column->words[value - at] : NULL;
            return column;
        }
        at += values;
    }
    return NULL;
}

br_column_text br_scaling_name(const br_schema *schema, uint32_t column, bool vector)
{
    br_column_text out;
    const char *word;
    uint32_t number;
    const br_column *from = vector ? source_of(schema, column, &word, &number) : NULL;
    if (from != NULL && from->name != NULL)
        snprintf(out.text, sizeof out.text, "column %u (%.50s)", number, from->name);
    else
        snprintf(out.text, sizeof out.text, "%s %u", vector ? "column" : "channel", from != NULL ? number : column + 1);
    return out;
}

static bool is_category(const br_schema *schema, uint32_t value)
{
    const char *word;
    uint32_t number;
    return source_of(schema, value, &word, &number) != NULL && word != NULL;
}

/* ---- learning ---- */

/* The sums are taken about the column's first value, so that a large mean costs no digits of the deviation. */
static void add_up(const br_array *train, uint32_t columns, column_sums *sums)
{
    uint64_t n = train->count * br_array_values(train);
    for (uint32_t c = 0; c < columns; c++) {
        double first = train->bytes != NULL ? train->bytes[c] : train->floats[c];
        sums[c] = (column_sums){.least = first, .most = first};
    }
    for (uint64_t i = 0; i < n;)
        for (uint32_t c = 0; c < columns; c++, i++) {
            double value = train->bytes != NULL ? train->bytes[i] : train->floats[i];
            column_sums *s = &sums[c];
            s->least = value < s->least ? value : s->least;
            s->most = value > s->most ? value : s->most;
            s->sum += value - (train->bytes != NULL ? train->bytes[c] : train->floats[c]);
        }
    uint64_t each = n / columns;
    for (uint64_t i = 0; i < n;)
        for (uint32_t c = 0; c < columns; c++, i++) {
            double first = train->bytes != NULL ? train->bytes[c] : train->floats[c];
            double value = train->bytes != NULL ? train->bytes[i] : train->floats[i];
            double apart = value - first - sums[c].sum / (double)each;
            sums[c].squares += apart * apart;
        }
    for (uint32_t c = 0; c < columns; c++) {
        double first = train->bytes != NULL ? train->bytes[c] : train->floats[c];
        sums[c].count = each;
        sums[c].sum = first + sums[c].sum / (double)each; /* the mean */
    }
}

/* A column that is always the same tells nothing. Its range has to have two ends nevertheless. */
static br_range range_of(const column_sums *s, bt_scaling scaling)
{
    br_range range = {s->least, s->most};
    if (s->most > s->least && scaling == BT_SCALING_STANDARD) {
        double reach = DEVIATIONS * sqrt(s->squares / (double)s->count);
        range = (br_range){s->sum - reach, s->sum + reach};
    }
    if (!(range.low < range.high))
        range.high = range.low + fmax(1, fabs(range.low) * 1e-6);
    return range;
}

static void tell_constant(const br_schema *schema, const column_sums *sums, uint32_t columns, bool vector,
                          br_notes *notes)
{
    uint32_t count = 0, first = 0;
    for (uint32_t c = 0; c < columns; c++)
        if (sums[c].least == sums[c].most && !is_category(schema, c)) {
            first = count == 0 ? c : first;
            count++;
        }
    if (count == 0 || columns > 64) /* pictures have borders that never change */
        return;
    br_note_add(notes, count == columns, "%s %s always %g in train%s: %s no information",
                br_scaling_name(schema, first, vector).text, "is", sums[first].least,
                count > 1 ? ", and others do not change either" : "", count > 1 ? "they hold" : "it holds");
}

/* Bytes of IDX files are pixels, which share one range. */
static bool are_pixels(const br_data_spec *spec, const br_array *train)
{
    bool idx = spec->source_count > 0;
    for (uint32_t i = 0; i < spec->source_count; i++)
        idx = idx && spec->sources[i].format == BT_FORMAT_IDX;
    return idx && train->bytes != NULL && !spec->range_given;
}

/* A range that nobody stated is a guess. */
static void tell_default(const br_data_spec *spec, const br_array *train, br_notes *notes)
{
    if (spec->range_given || spec->scaling != BT_SCALING_COLUMNS)
        return;
    if (are_pixels(spec, train))
        br_note_add(notes, false, "bytes of IDX files are scaled from [0, 255]; state it by `values in [0, 255];`");
    else
        br_note_add(notes, false,
                    "each %s is scaled from its least to its largest value in train; state it by `values in columns;`",
                    spec->vector ? "column" : "channel");
}

int br_scaling_learn(const br_data_spec *spec, const br_array *train, br_schema *schema, br_notes *notes,
                     br_error *error)
{
    schema->scaling = spec->scaling;
    schema->centred = spec->centred;
    if (spec->scaling == BT_SCALING_RANGE)
        return 0;
    if (train->count == 0)
        return br_fail(error, BR_ERROR_CHECK,
                       "values in columns: there are no training samples to learn the ranges from; write `values in "
                       "[LOW, HIGH];` in the data block");
    uint32_t columns = br_scaling_columns(train->shape, spec->vector);
    column_sums *sums = br_new(columns, sizeof *sums, error);
    if (sums == NULL)
        return -1;
    add_up(train, columns, sums);
    int status = 0;
    for (uint32_t c = 0; c < columns && status == 0; c++) {
        br_range range = are_pixels(spec, train)  ? (br_range){0, 255}
                         : is_category(schema, c) ? (br_range){0, 1}
                                                  : range_of(&sums[c], spec->scaling);
        status = br_schema_add_range(schema, range, error);
    }
    tell_constant(schema, sums, columns, spec->vector, notes);
    tell_default(spec, train, notes);
    br_release(sums);
    return status;
}

/* ---- applying ---- */

int br_scaling_apply(br_array *array, const br_schema *schema, br_error *error)
{
    uint64_t values = br_array_values(array), n = array->count * values;
    if (schema->scaling == BT_SCALING_RANGE || n == 0)
        return 0;
    if (schema->range_count == 0 || values % schema->range_count != 0)
        return br_fail(error, BR_ERROR_CHECK, "the model knows ranges of %u columns, but its input has %llu values",
                       schema->range_count, (unsigned long long)values);
    if (br_array_to_floats(array, error) != 0 || br_array_own(array, error) != 0)
        return -1;
    for (uint64_t i = 0; i < n;)
        for (uint32_t c = 0; c < schema->range_count; c++, i++)
            array->floats[i] = br_scaled((double)array->floats[i], schema->ranges[c], schema->centred);
    return 0;
}
