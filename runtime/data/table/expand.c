#include "data/table/expand.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

static bool has_train(const br_tables *t)
{
    for (uint32_t i = 0; i < t->record_count; i++)
        if (t->records[i].split == BT_SPLIT_TRAIN)
            return true;
    return false;
}

/* ---- the words ---- */

static int order_words(const br_tables *t, uint32_t c, br_expansion *out, br_error *error)
{
    const br_words *words = &t->columns[c].words;
    uint32_t count = 0;
    if (t->given) { /* the schema has the order; words behind its own are strange */
        out->order[c] = br_new(words->count, sizeof(uint32_t), error);
        for (uint32_t i = 0; out->order[c] != NULL && i < words->count && words->list[i].train; i++)
            out->order[c][count++] = i;
    } else {
        out->order[c] = br_words_sorted(words, has_train(t), false, &count, error);
    }
    out->place[c] = out->order[c] != NULL ? br_new(words->count, sizeof(uint32_t), error) : NULL;
    if (out->place[c] == NULL)
        return -1;
    for (uint32_t i = 0; i < words->count; i++)
        out->place[c][i] = BR_NO_WORD;
    for (uint32_t i = 0; i < count; i++)
        out->place[c][out->order[c][i]] = i;
    out->width[c] = count;
    return 0;
}

static int wrong_values(const br_tables *t, const br_expansion *e, br_error *error)
{
    char list[200] = "";
    size_t n = 0;
    uint32_t numbers = 0;
    for (uint32_t c = 0; c < t->column_count; c++) {
        numbers += t->columns[c].role == BT_ROLE_NUMBER;
        if (t->columns[c].role != BT_ROLE_CATEGORY || n > 120)
            continue;
        if (t->columns[c].name != NULL)
            n += (size_t)snprintf(list + n, sizeof list - n, ", %u for `%.24s`", e->width[c], t->columns[c].name);
        else
            n += (size_t)snprintf(list + n, sizeof list - n, ", %u for column %u", e->width[c], c + 1);
    }
    return br_fail(
        error, BR_ERROR_CHECK,
        "%s: the table gives %u values: %u numbers%s, one for each word; the network's input reads %u; write "
        "`input vector(%u)`, or leave columns out by `without`",
        t->records[0].path, e->values, numbers, list, t->spec.values, e->values);
}

/* Words that train lacks have no value of their own. */
static void tell_strange(const br_tables *t, const br_expansion *e)
{
    uint64_t cells = 0;
    const br_word *example = NULL;
    for (uint32_t c = 0; c < t->column_count; c++)
        for (uint32_t i = 0; e->place[c] != NULL && i < t->columns[c].words.count; i++) {
            const br_word *word = &t->columns[c].words.list[i];
            if (e->place[c][i] != BR_NO_WORD || word->count == 0)
                continue;
            cells += word->count;
            example = example == NULL ? word : example;
        }
    if (example != NULL)
        br_note_add(t->spec.notes, true,
                    "%s:%llu:%llu: `%.40s` is no word of this category in training; all its values are 0 (%llu %s)",
                    t->records[example->first.table].path, (unsigned long long)example->first.line,
                    (unsigned long long)example->first.column, example->text, (unsigned long long)cells,
                    cells == 1 ? "cell of this kind" : "cells of this kind");
}

int br_expansion_decide(const br_tables *t, br_expansion *e, br_error *error)
{
    *e = (br_expansion){.order = br_new(t->column_count, sizeof *e->order, error)};
    e->place = e->order != NULL ? br_new(t->column_count, sizeof *e->place, error) : NULL;
    e->width = e->place != NULL ? br_new(t->column_count, sizeof *e->width, error) : NULL;
    if (e->width == NULL)
        return -1;
    uint64_t values = 0;
    for (uint32_t c = 0; c < t->column_count; c++) {
        e->width[c] = t->columns[c].role == BT_ROLE_NUMBER;
        if (t->columns[c].role == BT_ROLE_CATEGORY && order_words(t, c, e, error) != 0)
            return -1;
        values += e->width[c];
    }
    if (values > BR_VALUES_LIMIT)
        return br_fail(error, BR_ERROR_CHECK, "%s: the table gives %llu values; the limit is %u", t->records[0].path,
                       (unsigned long long)values, BR_VALUES_LIMIT);
    e->values = (uint32_t)values;
    if (e->values != t->spec.values)
        return wrong_values(t, e, error);
    tell_strange(t, e);
    return 0;
}

void br_expansion_free(const br_tables *t, br_expansion *e)
{
    for (uint32_t c = 0; c < t->column_count; c++) {
        if (e->order != NULL)
            br_release(e->order[c]);
        if (e->place != NULL)
            br_release(e->place[c]);
    }
    br_release(e->order);
    br_release(e->place);
    br_release(e->width);
    *e = (br_expansion){0};
}

/* ---- missing cells ---- */

static double value_at(const br_array *array, uint64_t at)
{
    return array->floats != NULL ? (double)array->floats[at] : array->bytes[at];
}

/* Of one value of the rows: the sum and the number of the cells of train that hold it, and the missing ones of all
 * tables. */
typedef struct tally {
    double sum;
    uint64_t count, missing;
} tally;

static void add_row(const br_tables *t, const br_array *array, uint64_t sample, bool train, tally *tallies)
{
    for (uint32_t i = 0; i < t->slots; i++) {
        double value = value_at(array, sample * t->slots + i);
        if (isnan(value)) {
            tallies[i].missing++;
        } else if (train) {
            tallies[i].sum += value;
            tallies[i].count++;
        }
    }
}

static int set_means(br_tables *t, const tally *tallies, br_error *error)
{
    for (uint32_t c = 0; c < t->column_count; c++) {
        br_table_column *column = &t->columns[c];
        if (column->role != BT_ROLE_NUMBER)
            continue;
        const tally *of = &tallies[column->slot];
        if (of->count == 0 && of->missing > 0)
            return br_fail(error, BR_ERROR_CHECK,
                           "%s: column %u has no number at all in the training table, so it has no mean; leave it out "
                           "by `without \"%u\"`",
                           t->records[0].path, c + 1, c + 1);
        column->fill = of->count > 0 ? of->sum / (double)of->count : 0;
    }
    return 0;
}

/* The means of the columns of numbers in train, without missing cells. */
static int find_means(br_tables *t, br_array **arrays, br_error *error)
{
    tally *tallies = br_new(t->slots, sizeof *tallies, error);
    if (tallies == NULL)
        return -1;
    for (uint32_t i = 0; i < t->record_count; i++)
        for (uint64_t s = 0; s < arrays[i]->count; s++)
            add_row(t, arrays[i], s, t->records[i].split == BT_SPLIT_TRAIN, tallies);
    int status = set_means(t, tallies, error);
    br_release(tallies);
    return status;
}

/* Only columns of numbers have missing cells that are NaN. */
static int fill(const br_tables *t, br_array *array, br_error *error)
{
    float *fills = br_new(t->slots, sizeof *fills, error);
    if (fills == NULL)
        return -1;
    for (uint32_t c = 0; c < t->column_count; c++)
        if (t->columns[c].role == BT_ROLE_NUMBER)
            fills[t->columns[c].slot] = (float)t->columns[c].fill;
    for (uint64_t s = 0; array->floats != NULL && s < array->count; s++)
        for (uint32_t i = 0; i < t->slots; i++) {
            float *value = &array->floats[s * t->slots + i];
            *value = isnan(*value) ? fills[i] : *value;
        }
    br_release(fills);
    return 0;
}

/* ---- categories ---- */

/* One row of codes and numbers as values; `out` is zero. */
static void expand_row(const br_tables *t, const br_expansion *e, const double *row, double *out)
{
    for (uint32_t c = 0; c < t->column_count; c++) {
        const br_table_column *column = &t->columns[c];
        if (column->role == BT_ROLE_NUMBER) {
            *out = row[column->slot];
        } else if (column->role == BT_ROLE_CATEGORY) {
            uint32_t place = e->place[c][(uint32_t)row[column->slot]];
            if (place != BR_NO_WORD)
                out[place] = 1;
        }
        out += e->width[c];
    }
}

/* From the last row to the first, because rows become longer in the same memory: every category has a word, as train
 * has rows. */
static int expand(const br_tables *t, const br_expansion *e, br_array *array, br_error *error)
{
    uint64_t size = array->floats != NULL ? sizeof(float) : 1;
    double *row = br_new((uint64_t)t->slots + e->values, sizeof *row, error), *out = row + t->slots;
    if (row == NULL)
        return -1;
    void *memory = array->floats != NULL ? (void *)array->floats : (void *)array->bytes;
    uint64_t values;
    memory = br_multiply(array->count, e->values, &values) ? br_resize(memory, values, size, error) : NULL;
    if (memory == NULL) {
        br_release(row);
        return -1;
    }
    array->floats = array->floats != NULL ? memory : NULL;
    array->bytes = array->floats != NULL ? NULL : memory;
    for (uint64_t s = array->count; s-- > 0;) {
        for (uint32_t i = 0; i < t->slots; i++)
            row[i] = value_at(array, s * t->slots + i);
        memset(out, 0, e->values * sizeof *out);
        expand_row(t, e, row, out);
        for (uint32_t i = 0; i < e->values; i++) {
            if (array->floats != NULL)
                array->floats[s * e->values + i] = (float)out[i];
            else
                array->bytes[s * e->values + i] = (uint8_t)out[i];
        }
    }
    br_release(row);
    return 0;
}

int br_expansion_apply(br_tables *t, const br_expansion *e, br_array **arrays, br_error *error)
{
    bool categories = false;
    for (uint32_t c = 0; c < t->column_count; c++)
        categories = categories || t->columns[c].role == BT_ROLE_CATEGORY;
    bool means = t->missing == BT_MISSING_MEAN && !t->given;
    if (means && find_means(t, arrays, error) != 0)
        return -1;
    for (uint32_t i = 0; i < t->record_count; i++) {
        if (means && fill(t, arrays[i], error) != 0)
            return -1;
        if (categories && expand(t, e, arrays[i], error) != 0)
            return -1;
        arrays[i]->shape = (bt_shape){1, e->values, 1};
    }
    return 0;
}
