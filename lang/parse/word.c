#include "parse/word.h"

#include <string.h>

#include "parse/parsing.h"
#include "parser.h"

const bl_word bl_words[] = {
#define WORD(token, spelling)      {spelling, T_##token, false},
#define FREE_WORD(token, spelling) {spelling, T_##token, true},
#include "parse/word.def"
#undef WORD
#undef FREE_WORD
};

const size_t bl_word_count = sizeof bl_words / sizeof *bl_words;

static const bl_word *find(const char *spelling, size_t length)
{
    for (size_t i = 0; i < bl_word_count; i++)
        if (bl_words[i].spelling[0] == spelling[0] && strlen(bl_words[i].spelling) == length &&
            memcmp(bl_words[i].spelling, spelling, length) == 0)
            return &bl_words[i];
    return NULL;
}

int bl_word_token(const char *spelling, size_t length)
{
    const bl_word *word = find(spelling, length);
    return word == NULL ? T_NAME : word->token;
}

bool bl_is_word(const char *name)
{
    return find(name, strlen(name)) != NULL;
}

bool bl_is_free_word(const char *name)
{
    const bl_word *word = find(name, strlen(name));
    return word != NULL && word->free;
}
