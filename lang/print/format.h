/* What the parts of the formatter share.
 *
 *     text -> elements: tokens, the comments before each, canonical spaces   (format_read.c)
 *          -> lines: statements and comments on lines, with indents          (format.c)
 *          -> text: columns of neighbouring lines aligned                    (format_lines.c) */
#ifndef BL_FORMAT_H
#define BL_FORMAT_H

#include "base/text.h"
#include "parse/parse.h"

enum { BL_FORMAT_WIDTH = 120, BL_FORMAT_INDENT = 2, BL_FORMAT_CONTINUED = 4, BL_FORMAT_CELLS = 8 };

typedef struct bl_remark_text { /* a comment */
    const char *text;
    uint32_t length;
    uint32_t column; /* where it began, from 1 */
    bool line;       /* `//`: nothing can follow it on its line */
    bool tall;       /* it holds a line break */
    bool newline;    /* a line break stands before it, */
    bool blank;      /* and an empty line */
} bl_remark_text;

typedef struct bl_element { /* a token, and what stands before it */
    int token;              /* T_END for the last one */
    const char *text;       /* as written */
    uint32_t length;
    bool space;          /* canonically a space stands before it */
    bool newline, blank; /* as for comments: between it and the comment or token before */
    bool starts;         /* a statement begins here, or a block or the text ends */
    bool open;           /* of `{`: its block stands on several lines */
    uint32_t partner;    /* of `{`: the index of its `}` */
    uint32_t first_remark, remark_count;
} bl_element;

typedef struct bl_elements {
    bl_element *list;
    uint32_t count; /* the end included */
    bl_remark_text *remarks;
} bl_elements;

/* Reads a parsed file's tokens; what canonical text leaves out (separators at the end of a list, empty statements) is
 * not among them. False where tokens and tree disagree, which is a fault of the formatter. */
bool bl_format_read(bl_parsing *parsing, bl_elements *out);

typedef struct bl_format_line {
    uint32_t indent;
    bl_text text;  /* without indent */
    bl_text trail; /* comment behind it; of length 0: none */
    bool aligned;  /* it holds nothing but a comment that continues the one above, behind its statement */
    int group;     /* lines with the same group may share columns, */
    int operation; /* layers with the same one also the column of their blocks */
    uint32_t cell_count;
    uint32_t cells[BL_FORMAT_CELLS]; /* offsets in `text` that neighbours align */
} bl_format_line;

typedef struct bl_format_lines {
    bl_arena *arena;
    bl_format_line *list;
    uint32_t count;
} bl_format_lines;

/* Begins a line below the others. */
bl_format_line *bl_format_line_add(bl_format_lines *lines, uint32_t indent);

/* Columns that a stretch of text takes: its characters. */
uint32_t bl_format_width(const char *text, size_t length);

/* Aligns cells and comments, and writes everything out. */
bl_text bl_format_print(bl_format_lines *lines);

#endif
