/* The different words of a column, numbered in the order of their first appearance. */
#ifndef BR_WORDS_H
#define BR_WORDS_H

#include "bouton/runtime.h"

#define BR_WORD_LENGTH 1000u        /* bytes of a word */
#define BR_WORDS_LIMIT (1u << 16)   /* different words of one column */
#define BR_NO_WORD     (UINT32_MAX) /* a code that stands for no word */

/* Where a cell lies: a file of the data set, and the place in it. */
typedef struct br_place {
    uint32_t table;
    uint64_t line, column;
} br_place;

typedef struct br_word {
    char *text;
    bool number; /* a whole number; `value` */
    bool train;  /* occurs in the training tables */
    double value;
    uint64_t count; /* cells that hold it */
    br_place first;
} br_word;

typedef struct br_words {
    br_word *list;
    uint32_t count, room;
    uint32_t *slots; /* a hash table of codes + 1; 0: free */
    uint32_t slot_count;
} br_words;

/* The code of a text, or BR_NO_WORD. */
uint32_t br_words_find(const br_words *words, const char *text);

/* As br_words_find, and adds the text where it is new. BR_NO_WORD: memory ran out, or there are too many. */
uint32_t br_words_add(br_words *words, const char *text, br_error *error);

/* The codes of the words that `train` marks (or of all), in ascending order: by value if all are numbers and
 * `by_value`, otherwise by bytes. The caller releases the list. */
uint32_t *br_words_sorted(const br_words *words, bool only_train, bool by_value, uint32_t *count, br_error *error);

/* "a, b, c and 7 more". */
#define BR_LIST_LENGTH 220
void br_list_names(const char *const *names, uint32_t count, char out[BR_LIST_LENGTH]);

/* The most similar of `names`, or NULL if none is similar. */
const char *br_nearest(const char *const *names, uint32_t count, const char *text);

void br_words_free(br_words *words);

#endif
