#include "parse/word.h"

#include <string.h>

#include "parse/parsing.h"
#include "parser.h"

const bl_word bl_words[] = {
#define WORD(token, spelling) {spelling, T_##token},
#include "parse/word.def"
#undef WORD
};

const size_t bl_word_count = sizeof bl_words / sizeof *bl_words;

int bl_word_token(const char *spelling, size_t length)
{
    for (size_t i = 0; i < bl_word_count; i++)
        if (strlen(bl_words[i].spelling) == length && memcmp(bl_words[i].spelling, spelling, length) == 0)
            return bl_words[i].token;
    return T_NAME;
}

bool bl_is_word(const char *name)
{
    return bl_word_token(name, strlen(name)) != T_NAME;
}
