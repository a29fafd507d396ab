/* One file being parsed: what scanner, parser and their messages share. */
#ifndef BL_PARSING_H
#define BL_PARSING_H

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

/* The scanner starts and ends. */
void bl_scan_open(bl_parsing *parsing);
void bl_scan_close(bl_parsing *parsing);

#endif
