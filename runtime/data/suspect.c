#include "data/suspect.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "data/scaling.h"

#define USED_LITTLE    0.10  /* of the one range, by all values together */
#define COLUMN_LITTLE  0.03  /* of the one range, by one column */
#define BULK_LITTLE    0.05  /* of a column's own range, by the middle 90 % of its values */
#define LOOKED_AT      10000 /* training samples whose values are sorted */
#define NATURAL_USED   0.3   /* of a natural range, for values to come from it */
#define NAMES_SHOWN    8
#define COLUMNS_JUDGED 4096 /* more columns than that are pixels */

static double value_at(const br_array *array, uint64_t i)
{
    return array->bytes != NULL ? array->bytes[i] : (double)array->floats[i];
}

/* ---- one range for all values ---- */

br_range br_range_natural(double least, double most)
{
    static const br_range known[] = {{0, 1},    {-1, 1},   {0, 255},   {-128, 127},
                                     {0, 1023}, {0, 4095}, {0, 65535}, {-32768, 32767}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        double span = known[i].high - known[i].low, slack = 1e-6 * span;
        bool inside = least >= known[i].low - slack && most <= known[i].high + slack;
        if (inside && most - least > NATURAL_USED * span)
            return known[i];
    }
    return (br_range){least, most};
}

static void extremes(const br_array *array, uint64_t from, uint64_t step, br_range *out)
{
    uint64_t n = array->count * br_array_values(array);
    *out = (br_range){value_at(array, from), value_at(array, from)};
    for (uint64_t i = from; i < n; i += step) {
        double value = value_at(array, i);
        out->low = value < out->low ? value : out->low;
        out->high = value > out->high ? value : out->high;
    }
}

static void tell_narrow(const br_suspect *j, br_range used, double share)
{
    br_range natural = br_range_natural(used.low, used.high);
    if (j->predicting)
        br_note_add(
            j->notes, true,
            "%s: its values lie in [%.6g, %.6g], %.2g %% of the range [%g, %g] that the network was trained on; "
            "bring them into that range first",
            j->name, used.low, used.high, 100 * share, j->low, j->high);
    else
        br_note_add(
            j->notes, true,
            "%s: its values lie in [%.6g, %.6g], %.2g %% of the range [%g, %g]; write `values in [%.9g, %.9g];` "
            "in the data block",
            j->name, used.low, used.high, 100 * share, j->low, j->high, natural.low, natural.high);
}

/* Columns that use little of the range, while another uses it. Columns that never change are no fault of the range. */
static void judge_columns(const br_array *array, const br_suspect *j)
{
    uint32_t columns = br_scaling_columns(array->shape, j->vector), narrow = 0, first = 0;
    br_range widest = {0, 0};
    if (!j->vector || columns < 2 || columns > COLUMNS_JUDGED)
        return;
    for (uint32_t c = 0; c < columns; c++) {
        br_range used;
        extremes(array, c, columns, &used);
        if (used.low < used.high && used.high - used.low < COLUMN_LITTLE * (j->high - j->low)) {
            first = narrow == 0 ? c : first;
            narrow++;
            if (used.high - used.low > widest.high - widest.low)
                widest = used;
        }
    }
    if (narrow == 0 || 16 * (uint64_t)narrow < columns)
        return;
    char others[48] = "";
    if (narrow > 1)
        snprintf(others, sizeof others, " and %u other%s use", narrow - 1, narrow > 2 ? "s" : "");
    br_note_add(j->notes, true, "%s: %s%s less than %g %% of the range [%g, %g]; %s", j->name,
                br_scaling_name(j->schema, first, true).text, narrow > 1 ? others : " uses", 100 * COLUMN_LITTLE,
                j->low, j->high,
                j->predicting ? "the network hardly sees such values"
                              : "write `values in columns;` to scale each column on its own");
}

void br_suspect_range(const br_array *array, const br_suspect *j)
{
    br_range used;
    if (array->count == 0)
        return;
    extremes(array, 0, 1, &used);
    double share = (used.high - used.low) / (j->high - j->low);
    if (used.low == used.high && array->count * br_array_values(array) > 1)
        br_note_add(j->notes, true, "%s: every value is %g; there is nothing to tell samples apart by", j->name,
                    used.low);
    else if (j->schema->scaling == BT_SCALING_RANGE && share < USED_LITTLE && used.low < used.high)
        tell_narrow(j, used, share);
    else if (j->schema->scaling == BT_SCALING_RANGE && used.low < used.high)
        judge_columns(array, j);
}

/* ---- ranges of columns ---- */

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Whether the middle 90 % of a column's sorted values use little of its range. Columns in which most values are equal,
 * such as counts of rare events, are left out. */
static bool far_ends(const float *sorted, uint32_t n)
{
    double span = (double)sorted[n - 1] - (double)sorted[0];
    double bulk = (double)sorted[n - 1 - n / 20] - (double)sorted[n / 20];
    bool varied = sorted[n / 4] < sorted[n - 1 - n / 4];
    return varied && bulk < BULK_LITTLE * span;
}

static void tell_outlier(const br_array *train, const br_suspect *j, uint32_t column, const float *sorted, uint32_t n)
{
    uint64_t columns = br_scaling_columns(train->shape, j->vector), values = br_array_values(train);
    double low = (double)sorted[n / 20], high = (double)sorted[n - 1 - n / 20];
    bool above = (double)sorted[n - 1] - high > low - (double)sorted[0];
    double extreme = (double)(above ? sorted[n - 1] : sorted[0]);
    uint64_t at = column;
    while (value_at(train, at) != extreme)
        at += columns;
    br_note_add(j->notes, true,
                "%s: %s: the value %g of sample %llu lies far from the others, of which 90 %% lie in [%g, %g]; correct "
                "it, or write `values standardised;`",
                j->name, br_scaling_name(j->schema, column, j->vector).text, extreme, (unsigned long long)(at / values),
                low, high);
}

int br_suspect_outliers(const br_array *train, const br_suspect *j, br_error *error)
{
    uint32_t columns = br_scaling_columns(train->shape, j->vector), told = 0;
    uint64_t all = train->count * (br_array_values(train) / columns);
    uint32_t n = all < LOOKED_AT ? (uint32_t)all : LOOKED_AT;
    if (j->schema->scaling != BT_SCALING_COLUMNS || columns > COLUMNS_JUDGED || n < 20)
        return 0;
    float *sorted = br_new(n, sizeof *sorted, error);
    if (sorted == NULL)
        return -1;
    for (uint32_t c = 0; c < columns && told < 3; c++) {
        for (uint32_t i = 0; i < n; i++)
            sorted[i] = (float)value_at(train, (uint64_t)i * columns + c);
        qsort(sorted, n, sizeof *sorted, by_value);
        if (far_ends(sorted, n)) {
            tell_outlier(train, j, c, sorted, n);
            told++;
        }
    }
    br_release(sorted);
    return 0;
}

void br_suspect_far(const br_array *array, const br_suspect *j)
{
    const br_schema *schema = j->schema;
    uint64_t n = array->count * br_array_values(array), count = 0, first = 0;
    for (uint64_t i = 0; schema->range_count > 0 && i < n;)
        for (uint32_t c = 0; c < schema->range_count; c++, i++) {
            br_range range = schema->ranges[c];
            double value = value_at(array, i), width = range.high - range.low;
            if (value < range.low - width || value > range.high + width) {
                first = count == 0 ? i : first;
                count++;
            }
        }
    if (count == 0)
        return;
    uint32_t column = (uint32_t)(first % schema->range_count);
    br_range range = schema->ranges[column];
    char others[64] = "";
    if (count > 1)
        snprintf(others, sizeof others, "; so do %llu other values", (unsigned long long)(count - 1));
    br_note_add(j->notes, true,
                "%s: sample %llu, %s: %g lies far outside [%g, %g], the range in training, and counts as its end%s",
                j->name, (unsigned long long)(first / br_array_values(array)),
                br_scaling_name(schema, column, j->vector).text, value_at(array, first), range.low, range.high, others);
}

/* ---- classes ---- */

/* "2 (cat), 5, 6 and 4 more" */
static void list_classes(const uint64_t *samples, uint32_t classes, const br_schema *schema, char *out, size_t size)
{
    size_t used = 0;
    uint32_t shown = 0, missing = 0;
    for (uint32_t c = 0; c < classes; c++)
        missing += samples[c] == 0;
    out[0] = '\0';
    for (uint32_t c = 0; c < classes && shown < NAMES_SHOWN && used + 64 < size; c++) {
        if (samples[c] > 0)
            continue;
        const char *name = br_class_name(schema, c);
        used += (size_t)snprintf(out + used, size - used, "%s%u", shown > 0 ? ", " : "", c);
        if (name != NULL)
            used += (size_t)snprintf(out + used, size - used, " (%.30s)", name);
        shown++;
    }
    if (missing > shown)
        snprintf(out + used, size - used, " and %u more", missing - shown);
}

int br_suspect_classes(const br_array *train, uint32_t classes, bool first_column, const br_suspect *j, br_error *error)
{
    char list[512];
    uint32_t present = 0, last = 0;
    if (train->count == 0 || train->labels == NULL)
        return 0;
    uint64_t *samples = br_new(classes, sizeof *samples, error);
    if (samples == NULL)
        return -1;
    for (uint64_t i = 0; i < train->count; i++)
        samples[train->labels[i]]++;
    for (uint32_t c = 0; c < classes; c++) {
        present += samples[c] > 0;
        last = samples[c] > 0 ? c : last;
    }
    list_classes(samples, classes, j->schema, list, sizeof list);
    const char *question = first_column ? "; is the label the first column? Then write `label first`" : "";
    if (present == 1 && classes > 1)
        br_note_add(j->notes, true, "labels: all %llu training samples have the label %u; class%s %s %s no sample%s",
                    (unsigned long long)train->count, last, classes > 2 ? "es" : "", list, classes > 2 ? "have" : "has",
                    question);
    else if (present < classes)
        br_note_add(j->notes, true, "labels: class%s %s %s no training sample; the network has %u classes%s",
                    classes - present > 1 ? "es" : "", list, classes - present > 1 ? "have" : "has", classes, question);
    br_release(samples);
    return 0;
}
