/* The language as tables, for manuals and editors: its words, statements and numbers. The checker reads the same tables.
 *
 *     bl_quantity_row number;
 *     for (size_t i = 0; bl_quantity_at(i, &number); i++)
 *         printf("%s: from %g to %g\n", number.what, number.least, number.most);
 *
 * Strings are constant. All functions may be called from any thread, and none can fail. */
#ifndef BOUTON_LANGUAGE_H
#define BOUTON_LANGUAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "bouton/api.h"

BOUTON_BEGIN

/* Word number `index` of the language, from 0, in the order of the table; NULL behind the last one. */
const char *bl_word_at(size_t index);

/* Statement number `index`, from 0, grouped by the blocks they stand in; false behind the last one. */
typedef struct bl_statement_facts {
    const char
        *pattern;     /* "hold out %* of train as validation;": %n a name or word, %q a text in quotes, %* %, %p %0 %1
                            what follows or stands between, %; a semicolon or a block, %L the statements of a block */
    const char *once; /* its name where it may stand only once in its block, with backquotes; otherwise "" */
} bl_statement_facts;
bool bl_statement_at(size_t index, bl_statement_facts *out);

/* Number `index` of the language, from 0; false behind the last one. */
typedef struct bl_quantity_row {
    const char *what; /* "the number of neurons" */
    bool whole;       /* a whole number, never a percentage */
    bool share;       /* usually a percentage */
    double least, most;
    bool has_least, has_most; /* the end belongs to the range */
    double standard;          /* the default; NAN: none, or one that depends on other settings */
} bl_quantity_row;
bool bl_quantity_at(size_t index, bl_quantity_row *out);

BOUTON_END
#endif
