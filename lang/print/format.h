/* The data that the three stages of the formatter share.
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
    uint32_t column; /* of its first character, from 1 */
    bool line;       /* it begins with `//`: nothing can follow it on its line */
    bool tall;       /* it holds a line break */
    bool newline;    /* a line break precedes it */
    bool blank;      /* an empty line precedes it */
} bl_remark_text;

typedef struct bl_element { /* a token, and the comments and breaks before it */
    int token;              /* T_END for the last one */
    const char *text;       /* as written */
    uint32_t length;
    bool space;          /* a space precedes it in canonical text */
    bool newline, blank; /* as in a comment, counted from the preceding comment or token */
    bool starts;         /* a statement begins here, or a block or the text ends */
    bool open;           /* for `{`: its block takes several lines */
    uint32_t partner;    /* for `{`: the index of its `}` */
    uint32_t first_remark, remark_count;
} bl_element;

typedef struct bl_elements {
    bl_element *list;
    uint32_t count; /* including T_END */
    bl_remark_text *remarks;
} bl_elements;

/* Reads the tokens of a parsed file. Separators at the end of a list and empty statements are left out, as in canonical
 * text. Returns false if tokens and tree disagree, which is a bug of the formatter. */
bool bl_format_read(bl_parsing *parsing, bl_elements *out);

typedef struct bl_format_line {
    uint32_t indent;
    bl_text text;  /* without indent */
    bl_text trail; /* the comment behind it; of length 0 if there is none */
    bool aligned;  /* it holds only a comment that continues the trailing comment above */
    int group;     /* lines of one group may share columns */
    int operation; /* layers of one operation also align their blocks */
    uint32_t cell_count;
    uint32_t cells[BL_FORMAT_CELLS]; /* offsets in `text` that are aligned with neighbouring lines */
} bl_format_line;

typedef struct bl_format_lines {
    bl_arena *arena;
    bl_format_line *list;
    uint32_t count;
} bl_format_lines;

/* Adds a line at the end. */
bl_format_line *bl_format_line_add(bl_format_lines *lines, uint32_t indent);

/* The number of columns, that is of characters, that a text takes. */
uint32_t bl_format_width(const char *text, size_t length);

/* Aligns cells and comments, and returns the text of all lines. */
bl_text bl_format_print(bl_format_lines *lines);

#endif
