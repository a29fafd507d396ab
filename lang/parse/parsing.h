/* The state of one file being parsed, shared by the scanner, the parser and the messages of syntax errors. */
#ifndef BL_PARSING_H
#define BL_PARSING_H

#include "parse/recover.h"
#include "report/context.h"

enum { BL_OPEN_BRACES = 64 };

/* What the grammar would accept at the end of a text. The parser reads a token there that fits nowhere, and the syntax
 * error that it causes is the answer. */
typedef struct bl_cursor {
    bool reached, answered; /* in this round of parsing; not answered: within text that could not be parsed */
    uint32_t count;
    const char **words; /* spellings of the words that fit; none where any name does */
    bool any_word;      /* any name fits, words included */
    bool name, number, size, string;
} bl_cursor;

typedef struct bl_parsing {
    bl_context *context;
    bl_arena *arena;
    void *scanner;
    uint32_t file;
    uint32_t offset;       /* bytes that the scanner has consumed */
    bool quiet;            /* the scanner reports nothing, for a dump of tokens */
    bool comment_open;     /* a comment ran to the end of the file: errors that follow from it are not reported */
    bl_recovery *recovery; /* NULL if only the scanner runs */
    bool inserted;         /* the last token comes from a correction, not from the text */
    bool holds, waits;     /* `held` is scanned but not yet read; an inserted token was read before it */
    int held;
    const char *held_text;
    bl_place held_place;
    bool ended;                      /* the last token was `;`, `{` or `}` */
    bool fresh;                      /* the token before it was one of these */
    bool previous_begins;            /* and the token before that */
    bl_place token;                  /* the last token */
    bl_place previous;               /* the token before it */
    uint32_t brace_count;            /* open braces */
    bl_place braces[BL_OPEN_BRACES]; /* places of the first of them */
    bool keeps_comments;             /* the scanner records the places of comments */
    uint32_t comment_count;
    bl_place *comments;
    bl_cursor *cursor; /* NULL: the text is parsed to its end */
    bl_node *items;    /* out: a LIST of the file's statements */
} bl_parsing;

/* Begin and end scanning the file. */
void bl_scan_open(bl_parsing *parsing);
void bl_scan_close(bl_parsing *parsing);

#endif
