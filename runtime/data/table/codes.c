#include "data/table/codes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data/table/number.h"

#define WHOLE 9007199254740992.0 /* doubles represent every whole number up to here: 2^53 */

static br_place place_of(const br_reader *r, br_cell cell)
{
    return (br_place){r->tables->record_count, r->row.line, (uint64_t)(cell.at - r->row.at) + 1};
}

/* The code of a word, which may be new. */
static uint32_t code_of(br_reader *r, br_words *words, const char *text, br_cell cell)
{
    uint32_t before = words->count, code = br_words_add(words, text, r->error);
    if (code == BR_NO_WORD) {
        if (r->error->kind == BR_ERROR_CHECK)
            br_reader_fail(r, BR_ERROR_CHECK, cell.at, "more than %u different words in one column", BR_WORDS_LIMIT);
        return BR_NO_WORD;
    }
    br_word *word = &words->list[code];
    if (words->count > before)
        word->first = place_of(r, cell);
    if (r->split == BT_SPLIT_TRAIN && !r->tables->given)
        word->train = true;
    word->count++;
    return code;
}

int br_code_category(br_reader *r, uint32_t column, br_cell cell)
{
    const char *text = br_cell_empty(cell) ? "?" : br_reader_word(r, cell);
    if (text == NULL)
        return -1;
    uint32_t code = code_of(r, &r->tables->columns[r->plan[column].column].words, text, cell);
    if (code == BR_NO_WORD)
        return -1;
    r->values[r->plan[column].slot] = (float)code; /* exact: there are at most 2^16 */
    return 0;
}

/* Whether the names of the classes, if they are known, have this word. */
static bool is_class(const br_tables *t, br_cell cell)
{
    const br_schema *schema = t->spec.schema;
    const char *const *names = schema != NULL ? schema->classes : t->spec.class_names;
    uint32_t count = schema != NULL ? schema->class_count : t->spec.class_names != NULL ? t->spec.classes : 0;
    for (uint32_t i = 0; i < count; i++)
        if (br_cell_is(cell, names[i]))
            return true;
    return false;
}

static int label_word(br_reader *r, br_cell cell, uint32_t *out)
{
    double value = 0;
    bool number = br_number_read(cell.at, cell.length, &value);
    if (!number && r->look.point == ',') {
        float rounded;
        number = br_number_float(cell.at, cell.length, ',', &rounded);
        value = number ? (double)rounded : 0;
    }
    if (number && (value != floor(value) || fabs(value) > WHOLE) && !is_class(r->tables, cell))
        return br_reader_fail(r, BR_ERROR_IO, cell.at,
                              "`%s` is not a label: labels are whole numbers or words; if they are in another column, "
                              "write `label first` or `label \"NAME\"`",
                              br_cell_show(cell).text);
    char text[32];
    number = number && value == floor(value) && fabs(value) <= WHOLE;
    if (number)
        snprintf(text, sizeof text, "%.0f", value == 0 ? 0 : value); /* 3, 3.0 and 3e0 are one label */
    const char *word = number ? text : br_reader_word(r, cell);
    uint32_t code = word != NULL ? code_of(r, &r->tables->labels, word, cell) : BR_NO_WORD;
    if (code == BR_NO_WORD)
        return -1;
    r->tables->labels.list[code].number = number;
    r->tables->labels.list[code].value = value;
    *out = code;
    return 0;
}

int br_code_label(br_reader *r, br_cell cell, uint32_t *out)
{
    uint32_t small = 100;
    if (cell.length == 1 && *cell.at >= '0' && *cell.at <= '9')
        small = (uint32_t)(*cell.at - '0');
    else if (cell.length == 2 && *cell.at >= '1' && *cell.at <= '9' && cell.at[1] >= '0' && cell.at[1] <= '9')
        small = (uint32_t)(10 * (*cell.at - '0') + cell.at[1] - '0');
    if (small < 100 && r->small[small] != BR_NO_WORD) {
        *out = r->small[small];
        r->tables->labels.list[*out].count++;
        return 0;
    }
    if (br_cell_empty(cell) && !is_class(r->tables, cell))
        return br_reader_fail(r, BR_ERROR_IO, cell.at, "the label is missing%s%s%s", cell.length > 0 ? ": `" : "",
                              br_cell_show(cell).text, cell.length > 0 ? "`" : "");
    if (label_word(r, cell, out) != 0)
        return -1;
    if (small < 100)
        r->small[small] = *out;
    return 0;
}

int br_code_hot_begin(br_reader *r, uint32_t hot, const char *text)
{
    double value = 0;
    bool number = br_number_read(text, strlen(text), &value) && value == floor(value) && fabs(value) <= WHOLE;
    r->row.at = r->row.at == NULL ? "" : r->row.at;
    uint32_t code = code_of(r, &r->tables->labels, text, (br_cell){r->row.at, 0, false});
    if (code == BR_NO_WORD)
        return -1;
    r->tables->labels.list[code].number = number;
    r->tables->labels.list[code].value = value;
    r->small[hot] = code;
    return 0;
}

int br_code_hot(br_reader *r, uint32_t column, br_cell cell)
{
    float value;
    bool number = br_number_float(cell.at, cell.length, r->look.point, &value);
    if (!number || (value != 0 && value != 1))
        return br_reader_fail(r, BR_ERROR_IO, cell.at,
                              "`%s` is neither 0 nor 1, but the last %u columns are the label, one for each class",
                              br_cell_show(cell).text, r->hot);
    if (value == 0)
        return 0;
    if (r->hot_found)
        return br_reader_fail(r, BR_ERROR_IO, cell.at,
                              "a second 1 in the last %u columns, which are the label, one for each class", r->hot);
    r->hot_found = true;
    r->out->labels[r->out->count] = r->small[r->plan[column].slot];
    return 0;
}

int br_code_hot_end(const br_reader *r)
{
    return r->hot == 0 || r->hot_found
               ? 0
               : br_reader_fail(r, BR_ERROR_IO, r->row.stop,
                                "no 1 in the last %u columns, which are the label, one for each class", r->hot);
}
