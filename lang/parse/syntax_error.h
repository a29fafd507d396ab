/* Syntax errors: the message, and the correction that the next round of parsing reads. */
#ifndef BL_SYNTAX_ERROR_H
#define BL_SYNTAX_ERROR_H

#include "parse/parsing.h"

/* The token that the parser found, and the tokens that it would accept. */
typedef struct bl_syntax_error {
    bool end, name, word; /* the token found: end of file, a free name, a word of the language */
    int sign;             /* or a sign such as '{', else 0 */
    const char *found;    /* its name in messages */
    uint32_t count;
    const char **expected; /* names of the accepted tokens in messages */
    const char **words;    /* spelling of the accepted tokens that are words, else NULL */
    bool name_expected, any_word_expected, number_expected, semicolon_expected, brace_expected;
    int bracket_expected; /* ')' or ']', else 0 */
} bl_syntax_error;

void bl_report_syntax_error(bl_parsing *parsing, const bl_syntax_error *error);

#endif
