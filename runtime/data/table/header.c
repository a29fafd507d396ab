/* The rule for a first row whose meaning is not stated. `Below` are the rows under it, as many as the first block has;
 * a column of numbers has numbers or missing cells below, and hardly a word.
 *
 *  1. It is a header if it holds half of the expected names, or one that the layout states (`label "kind"`).
 *  2. It is a header if it counts the columns, 0, 1, 2, ..., as pandas does (with an empty cell in front for the index
 *     of its rows, with words in columns of words). Exception: a row below looks alike and there are fewer than six
 *     columns. That is doubtful.
 *  3. It is a header if it has a word in a column of numbers. Its own numbers in such columns must count, as years do,
 *     or be fewer than these words; otherwise the word is a slip, and the row a sample.
 *  4. It is a header if its first cell is empty above an index, and the others are words.
 *  5. Columns of words alone: it is a header if its cells are different words, none of them occurs again in its own
 *     column, and the words of some column repeat. If nothing repeats, that is doubtful.
 *
 * A missing value alone never makes a header. A doubtful row is read as a sample, and a warning asks. */
#include "data/table/header.h"

#include <math.h>
#include <string.h>

#include "data/table/number.h"

#define COMPARED 4096u /* columns whose first cells are compared with each other */
#define MANY     6u    /* columns that nobody numbers 0, 1, 2, ... by chance */

static bool cell_number(const br_look *look, uint32_t row, uint32_t column, float *out)
{
    br_cell cell = br_look_cell(look, row, column);
    return br_number_float(cell.at, cell.length, look->point, out);
}

static bool first_is_word(const br_look *look, uint32_t column)
{
    return br_cell_word(br_look_cell(look, 0, column), look->point);
}

static bool holds_numbers(const br_look *look, uint32_t column)
{
    const br_kind *kind = &look->kinds[column];
    return kind->numbers > 10 * (uint64_t)kind->words;
}

static bool first_has(const br_look *look, const char *name)
{
    for (uint32_t i = 0; name != NULL && i < look->columns; i++)
        if (br_cell_is(br_look_cell(look, 0, i), name) && first_is_word(look, i))
            return true;
    return false;
}

static bool names_match(const br_look *look, const br_header_hints *hints)
{
    uint32_t named = 0, found = 0;
    for (uint32_t i = 0; i < hints->name_count; i++) {
        named += hints->names[i] != NULL;
        found += hints->name_count <= COMPARED ? first_has(look, hints->names[i])
                                               : hints->names[i] != NULL && i < look->columns &&
                                                     br_cell_is(br_look_cell(look, 0, i), hints->names[i]);
    }
    if (found > 0 && 2 * found >= named)
        return true;
    const br_table *layout = hints->layout;
    if (layout == NULL)
        return false;
    bool has = layout->label == BT_LABEL_NAMED && first_has(look, layout->label_name);
    for (uint32_t i = 0; i < layout->without_count && !has; i++)
        has = first_has(look, layout->without[i]);
    for (uint32_t i = 0; i < layout->category_count && !has; i++)
        has = first_has(look, layout->categories[i]);
    return has;
}

bool br_header_index(const br_look *look)
{
    br_cell name = br_look_cell(look, 0, 0);
    if (look->rows < 2 || (name.length != 0 && !br_cell_is(name, "Unnamed: 0")))
        return false;
    float value, other;
    for (uint32_t r = 1; r < look->rows; r++) {
        if (!cell_number(look, r, 0, &value) || value < 0 || value != floorf(value))
            return false;
        for (uint32_t s = 1; s < r; s++)
            if (cell_number(look, s, 0, &other) && other == value)
                return false;
    }
    return true;
}

/* Rule 2: the numbers of the first row count from 0, and the other cells are words. */
static bool counts_columns(const br_look *look, uint32_t *numbers)
{
    bool empty = br_look_cell(look, 0, 0).length == 0;
    float value;
    *numbers = 0;
    if (empty && !br_header_index(look))
        return false;
    for (uint32_t i = empty; i < look->columns; i++) {
        if (!cell_number(look, 0, i, &value)) {
            if (!first_is_word(look, i))
                return false;
            continue;
        }
        if (value != (float)*numbers || memchr(br_look_cell(look, 0, i).at, '.', br_look_cell(look, 0, i).length))
            return false;
        ++*numbers;
    }
    return *numbers >= 2;
}

/* Whether some row below has whole numbers below the number of columns only. */
static bool row_looks_alike(const br_look *look)
{
    for (uint32_t r = 1; r < look->rows; r++) {
        bool alike = true;
        float value;
        for (uint32_t i = 0; i < look->columns && alike; i++)
            alike = !cell_number(look, r, i, &value) ||
                    (value >= 0 && value < (float)look->columns && value == floorf(value));
        if (alike)
            return true;
    }
    return false;
}

/* Words in columns of numbers; and the numbers there, which may run on by ones. */
static uint32_t misplaced_words(const br_look *look, uint32_t *numbers, bool *run)
{
    uint32_t words = 0;
    float value, last = 0;
    *numbers = 0;
    *run = true;
    for (uint32_t i = 0; i < look->columns; i++) {
        if (!holds_numbers(look, i))
            continue;
        if (first_is_word(look, i)) {
            words++;
        } else if (cell_number(look, 0, i, &value)) {
            *run = *run && value == floorf(value) && (*numbers == 0 || value == last + 1);
            last = value;
            ++*numbers;
        }
    }
    *run = *run && *numbers > 1;
    return words;
}

/* Rule 5: 1 a header, 0 a sample, -1 doubtful. */
static int words_alone(const br_look *look, const br_header_hints *hints)
{
    bool repeats = false;
    for (uint32_t i = 0; i < look->columns; i++) {
        br_cell first = br_look_cell(look, 0, i);
        if (!first_is_word(look, i) || (hints->is_word && hints->is_word(hints->context, first.at, first.length)))
            return 0;
        for (uint32_t j = 0; j < i && i < COMPARED; j++)
            if (br_cell_same(br_look_cell(look, 0, j), first))
                return 0;
        uint32_t again = 0;
        for (uint32_t r = 1; r < look->rows; r++) {
            br_cell cell = br_look_cell(look, r, i);
            if (br_cell_same(cell, first))
                return 0;
            bool seen = false;
            for (uint32_t s = 1; s < r && !seen; s++)
                seen = br_cell_same(br_look_cell(look, s, i), cell);
            again += seen;
        }
        repeats = repeats || (look->rows > 3 && 2 * again >= look->rows - 1);
    }
    return look->rows == 1 || repeats ? 1 : -1;
}

/* Rules 2 to 5. */
static void guess(br_look *look, const br_header_hints *hints)
{
    uint32_t numbers;
    bool run;
    if (counts_columns(look, &numbers)) {
        bool sure = look->rows > 1 && (numbers >= MANY || !row_looks_alike(look));
        look->header = look->numbered = sure;
        look->doubtful = !sure && (look->rows > 1 || numbers > 2);
        return;
    }
    uint32_t words = misplaced_words(look, &numbers, &run);
    if (words > 0) {
        look->header = run || words > numbers;
        return;
    }
    float value;
    for (uint32_t i = 0; i < look->columns; i++)
        if (cell_number(look, 0, i, &value))
            return; /* a sample: nothing says otherwise */
    if (look->columns > 1 && br_look_cell(look, 0, 0).length == 0 && br_header_index(look)) {
        look->header = true;
        return;
    }
    int found = words_alone(look, hints);
    look->header = found > 0;
    look->doubtful = found < 0;
}

void br_header_decide(br_look *look, const br_header_hints *hints)
{
    if (look->rows == 0)
        return;
    look->known = true;
    if (hints->stated != BT_HEADER_GUESSED) {
        uint32_t numbers;
        look->header = hints->stated == BT_HEADER_YES;
        look->numbered = look->header && counts_columns(look, &numbers);
    } else if (names_match(look, hints)) {
        look->header = true;
    } else {
        look->known = false;
        guess(look, hints);
    }
    for (uint32_t i = 0; i < look->columns && !look->header; i++)
        look->kinds[i].words += first_is_word(look, i);
}
