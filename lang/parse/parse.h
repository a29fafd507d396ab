/* One file being parsed: what scanner, parser and their messages share. */
#ifndef BL_PARSE_H
#define BL_PARSE_H

#include "parse/recover.h"
#include "report/context.h"

enum { BL_OPEN_BRACES = 64 };

typedef struct bl_parsing {
    bl_context *context;
    bl_arena *arena;
    void *scanner;
    uint32_t file;
    uint32_t offset;       /* of the scanner: bytes consumed */
    bool quiet;            /* scan without diagnostics, for a dump of tokens */
    bool comment_open;     /* a comment ran to the end of the file: what follows from it is not told */
    bl_recovery *recovery; /* NULL: none is wanted */
    bool inserted;         /* the last token scanned does not stand in the text */
    bool holds, waits;     /* a token is scanned but not read; something was read before it */
    int held;
    const char *held_text;
    bl_place held_place;
    bool ended;                      /* the token read last ends a statement or opens a block, */
    bool fresh;                      /* and so does the one before it */
    bl_place token;                  /* the last token scanned, */
    bl_place previous;               /* and the one before it */
    uint32_t brace_count;            /* braces open, */
    bl_place braces[BL_OPEN_BRACES]; /* and where, as far as they fit */
    bool keeps_comments;             /* they are gathered as they are scanned: */
    uint32_t comment_count;
    bl_place *comments;
    bl_node *items; /* out: a LIST of the file's statements */
} bl_parsing;

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

/* Parses a file's text; its statements become parsing->items. */
void bl_parse_text(bl_parsing *parsing, bl_context *context, uint32_t file);
void bl_parse_surprise(bl_parsing *parsing, const bl_surprise *surprise);

/* The scanner starts and ends. */
void bl_scan_open(bl_parsing *parsing);
void bl_scan_close(bl_parsing *parsing);

/* Reports a tree too deep and puts a broken node in its place. */
bl_node *bl_limit_depth(bl_parsing *parsing, bl_node *node);

#endif
