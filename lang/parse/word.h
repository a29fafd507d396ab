/* The table of the language's words, from word.def. */
#ifndef BL_WORD_H
#define BL_WORD_H

#include <stdbool.h>
#include <stddef.h>

typedef struct bl_word {
    const char *spelling;
    int token; /* of the parser */
    bool free; /* constants and neuron formulas may have it as their name */
} bl_word;

extern const bl_word bl_words[];
extern const size_t bl_word_count;

/* The token of a word, or T_NAME for any other name. */
int bl_word_token(const char *spelling, size_t length);

bool bl_is_word(const char *name);
bool bl_is_free_word(const char *name);

#endif
