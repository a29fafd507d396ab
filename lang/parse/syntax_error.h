/* Syntax errors: what is told, and what is read instead. */
#ifndef BL_SYNTAX_ERROR_H
#define BL_SYNTAX_ERROR_H

#include "parse/parsing.h"

/* What the parser found and what it could have taken. */
typedef struct bl_surprise {
    bool end, name, word; /* of the token found: end of file, a free name, a word of the language */
    int sign;             /* or a sign such as '{' */
    const char *found;    /* how to call it */
    uint32_t count;
    const char **expected; /* what could stand there, as a message calls it, */
    const char **words;    /* and the spelling where it is a word, else NULL */
    bool name_expected, any_word_expected, number_expected, semicolon_expected, brace_expected;
    int bracket_expected; /* ')' or ']', else 0 */
} bl_surprise;

void bl_parse_surprise(bl_parsing *parsing, const bl_surprise *surprise);

#endif
