#include "data/table/far.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define TOLERANCE 1e-6 /* as a share of the range, as in br_array_check_range */
#define LANES     16u

static bool is_number(const br_reader *r, uint32_t i)
{
    return r->plan[i].role == BT_ROLE_NUMBER;
}

/* The least and the largest value of a row without categories. The lanes let the compiler use vectors. */
static void measure(const float *values, uint32_t count, float *least, float *most)
{
    float low[LANES], high[LANES];
    for (uint32_t l = 0; l < LANES; l++)
        low[l] = INFINITY, high[l] = -INFINITY;
    uint32_t i = 0;
    for (; count >= 4 * LANES && i + LANES <= count; i += LANES)
        for (uint32_t l = 0; l < LANES; l++) {
            low[l] = values[i + l] < low[l] ? values[i + l] : low[l]; /* a NaN changes nothing */
            high[l] = values[i + l] > high[l] ? values[i + l] : high[l];
        }
    for (; i < count; i++) {
        *least = values[i] < *least ? values[i] : *least;
        *most = values[i] > *most ? values[i] : *most;
    }
    for (uint32_t l = 0; count >= 4 * LANES && l < LANES; l++) {
        *least = low[l] < *least ? low[l] : *least;
        *most = high[l] > *most ? high[l] : *most;
    }
}

static void measure_numbers(const br_reader *r, float *least, float *most)
{
    for (uint32_t i = 0; i < r->look.columns; i++)
        if (is_number(r, i))
            measure(&r->values[r->plan[i].slot], 1, least, most);
}

static void note_first(br_reader *r, uint32_t column)
{
    const char *at = r->row.at;
    for (uint32_t i = 0; i < column && at != NULL; i++)
        br_cell_next(r->look.separator, &at, r->row.stop);
    if (at != NULL) {
        const char *behind = at;
        at = br_cell_next(r->look.separator, &behind, r->row.stop).at;
    }
    r->far.place = (br_place){.line = r->row.line, .column = at != NULL ? (uint64_t)(at - r->row.at) + 1 : 1};
    r->far.value = r->values[r->plan[column].slot];
}

void br_far_row(br_reader *r)
{
    const br_tables_spec *spec = &r->tables->spec;
    br_far *far = &r->far;
    float least = INFINITY, most = -INFINITY;
    if (!spec->check_range || (r->all_bytes && spec->low <= 0 && spec->high >= UINT8_MAX))
        return;
    if (r->categories)
        measure_numbers(r, &least, &most);
    else
        measure(r->values, r->tables->slots, &least, &most);
    far->rounded = far->rounded || least < spec->low || most > spec->high;
    double slack = TOLERANCE * (spec->high - spec->low);
    if (!(least < spec->low - slack || most > spec->high + slack))
        return;
    for (uint32_t i = 0; i < r->look.columns; i++) {
        double value = r->values[r->plan[i].slot];
        if (!is_number(r, i) || !(value < spec->low - slack || value > spec->high + slack))
            continue;
        if (far->count++ == 0)
            note_first(r, i);
    }
}

/* The least and the largest number of the whole file. */
static void measure_file(const br_reader *r, float *least, float *most)
{
    const br_array *out = r->out;
    *least = INFINITY;
    *most = -INFINITY;
    for (uint32_t i = 0; i < r->look.columns; i++)
        for (uint64_t s = 0; is_number(r, i) && s < out->count; s++) {
            uint64_t at = s * r->tables->slots + r->plan[i].slot;
            float value = out->floats != NULL ? out->floats[at] : out->bytes[at];
            *least = value < *least ? value : *least;
            *most = value > *most ? value : *most;
        }
}

static void clamp(br_reader *r)
{
    const br_tables_spec *spec = &r->tables->spec;
    float low = (float)spec->low, high = (float)spec->high;
    br_array *out = r->out;
    for (uint32_t i = 0; i < r->look.columns; i++) {
        if (!is_number(r, i))
            continue;
        for (uint64_t s = 0; s < out->count; s++) {
            uint64_t at = s * r->tables->slots + r->plan[i].slot;
            if (out->floats != NULL)
                out->floats[at] = out->floats[at] < low ? low : out->floats[at] > high ? high : out->floats[at];
        }
    }
}

/* The shortest text that gives the float back. */
typedef struct float_text {
    char text[24];
} float_text;

static float_text show(double value)
{
    float_text out;
    for (int digits = 6; digits <= 9; digits++) {
        snprintf(out.text, sizeof out.text, "%.*g", digits, value);
        if (strtof(out.text, NULL) == (float)value)
            break;
    }
    return out;
}

int br_far_judge(br_reader *r)
{
    const br_tables_spec *spec = &r->tables->spec;
    const br_far *far = &r->far;
    if (!far->rounded)
        return 0;
    if (far->count > 0) {
        float least, most;
        measure_file(r, &least, &most);
        char text[400], mend[120];
        snprintf(text, sizeof text,
                 "%s lies outside the range [%s, %s] (%llu of %llu values %s; the file's values lie in [%s, %s])",
                 show(far->value).text, show(spec->low).text, show(spec->high).text, (unsigned long long)far->count,
                 (unsigned long long)(r->out->count * r->tables->slots), far->count == 1 ? "does" : "do",
                 show(least).text, show(most).text);
        r->row.line = far->place.line;
        r->row.at = r->text.buffer;
        const char *at = r->row.at + far->place.column - 1;
        if (spec->predicting) {
            br_note_add(spec->notes, true, "%s:%llu:%llu: %s; the model counts it as the end of the range", r->path,
                        (unsigned long long)far->place.line, (unsigned long long)far->place.column, text);
        } else {
            double low = !spec->range_given || least < spec->low ? (double)least : spec->low;
            double high = !spec->range_given || most > spec->high ? (double)most : spec->high;
            snprintf(mend, sizeof mend, "`values in [%s, %s];`%s", show(low).text, show(high).text,
                     spec->vector ? " or `values in columns;`" : "");
            return br_reader_fail(r, BR_ERROR_CHECK, at, "%s; correct the cell, or write %s", text, mend);
        }
    }
    clamp(r);
    return 0;
}
