/* The values of all tables, when every word is known: missing cells are filled, and each category becomes one value for
 * each of its words. */
#ifndef BR_EXPAND_H
#define BR_EXPAND_H

#include "data/table/reader.h"

typedef struct br_expansion {
    uint32_t **order; /* [columns]: codes in the order of the words; NULL for columns that are no category */
    uint32_t **place; /* [columns]: of each code, or BR_NO_WORD for words that train lacks */
    uint32_t *width;  /* [columns]: values of a sample */
    uint32_t values;  /* of a sample */
} br_expansion;

/* Decides the words. br_expansion_free also after a failure. */
int br_expansion_decide(const br_tables *t, br_expansion *out, br_error *error);
void br_expansion_free(const br_tables *t, br_expansion *expansion);

/* Fills and expands the arrays; the columns' `fill` becomes the mean where one was asked for. */
int br_expansion_apply(br_tables *t, const br_expansion *expansion, br_array **arrays, br_error *error);

#endif
