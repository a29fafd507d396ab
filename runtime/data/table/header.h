/* Whether the first row of a table names its columns. */
#ifndef BR_HEADER_H
#define BR_HEADER_H

#include "data/table/look.h"
#include "data/words.h"

/* What is known before the file is looked at. */
typedef struct br_header_hints {
    bt_header stated;
    const char *const *names; /* [name_count]: names of columns that are expected; some may be NULL */
    uint32_t name_count;
    const br_table *layout; /* its names of columns are looked for; NULL: none */
    bool (*is_word)(const void *context, const char *text, size_t length); /* a word that a category has */
    const void *context;
} br_header_hints;

/* Decides header, numbered, known and doubtful of the look. */
void br_header_decide(br_look *look, const br_header_hints *hints);

/* Below a header, the first column has no name and holds different whole numbers, as pandas writes the index of its
 * rows. */
bool br_header_index(const br_look *look);

#endif
