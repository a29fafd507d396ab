/* The tables of the language, for readers outside the library. */
#include "bouton/language.h"

#include <math.h>
#include <string.h>

#include "bouton/lang.h"
#include "parse/word.h"

const char *bl_word_at(size_t index)
{
    return index < bl_word_count ? bl_words[index].spelling : NULL;
}

/* ---- statements: the nodes that end in a semicolon or a block ---- */

static const bl_statement_facts NODES[] = {
#define NODE(kind, template, once) {template, once},
#include "tree/node.def"
#undef NODE
};

static bool is_statement(const char *pattern)
{
    static const char *const blocks[] = {"network ", "data ", "schedule", "phase ", "neuron "};
    size_t length = strlen(pattern);
    if (length > 1 && pattern[length - 1] == ';')
        return true;
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        if (strncmp(pattern, blocks[i], strlen(blocks[i])) == 0)
            return true;
    return false;
}

bool bl_statement_at(size_t index, bl_statement_facts *out)
{
    for (size_t i = 0; i < sizeof NODES / sizeof *NODES; i++)
        if (is_statement(NODES[i].pattern) && index-- == 0) {
            *out = NODES[i];
            return true;
        }
    return false;
}

/* ---- numbers ---- */

enum { COUNT, REAL, SHARE };
enum { CLOSED, OPEN, ABOVE, BELOW };

static const struct {
    const char *what;
    int kind;
    double least, most;
    int ends;
    double standard;
} NUMBERS[] = {
#define QUANTITY(id, what, kind, least, most, ends, standard) {what, kind, least, most, ends, standard},
#include "check/quantity.def"
#undef QUANTITY
};

bool bl_quantity_at(size_t index, bl_quantity_row *out)
{
    if (index >= sizeof NUMBERS / sizeof *NUMBERS)
        return false;
    *out = (bl_quantity_row){.what = NUMBERS[index].what,
                             .whole = NUMBERS[index].kind == COUNT,
                             .share = NUMBERS[index].kind == SHARE,
                             .least = NUMBERS[index].least,
                             .most = NUMBERS[index].most,
                             .has_least = NUMBERS[index].ends == CLOSED || NUMBERS[index].ends == BELOW,
                             .has_most = NUMBERS[index].ends == CLOSED || NUMBERS[index].ends == ABOVE,
                             .standard = NUMBERS[index].standard};
    return true;
}
