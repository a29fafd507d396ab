/* A drawing: shapes and texts in the order in which they are painted, for SVG (svg.h) and PNG (raster.h).
 *
 *     drawing d = drawing_new(cli, "Ten digits");
 *     drawing_box(&d, (box){10, 10, 120, 30}, &(look){.fill = INK_CARD, .stroke = INK_FRAME, .width = 1});
 *     drawing_text(&d, 20, 30, &(lettering){.ink = INK_TEXT, .size = 13}, layer->name);
 *     status = svg_write(&d, stream);
 *     drawing_free(&d);
 *
 * Lengths are in pixels, y points down. Texts are set in a font whose letters all have the same width, so that their
 * room is known: text_width. Texts may come from files: they are copied, and whatever is not printable UTF-8 becomes a
 * question mark. If memory runs out, an error is printed once, and writing fails. */
#ifndef BOUTON_DRIVER_DRAWING_H
#define BOUTON_DRIVER_DRAWING_H

#include "options/cli.h"

/* X(ink, colour on a light page, colour on a dark page). Texts have a contrast of at least 4.5 on page and card. */
#define INKS(X)                                                                                                        \
    X(page, 0xffffff, 0x0d1117)                                                                                        \
    X(card, 0xf6f8fa, 0x161b22)                                                                                        \
    X(frame, 0x8c959f, 0x6e7681)                                                                                       \
    X(text, 0x1f2328, 0xe6edf3)                                                                                        \
    X(faint, 0x57606a, 0x9198a1)                                                                                       \
    X(excites, 0x0969da, 0x58a6ff)                                                                                     \
    X(inhibits, 0xbc4c00, 0xf0883e)

typedef enum ink {
    INK_none, /* nothing is painted */
#define X(name, ...) INK_##name,
    INKS(X)
#undef X
        INK_COUNT
} ink;

typedef struct box {
    double x, y, width, height;
} box;

/* How a shape is painted. Opacity 0 stands for 1: a shape that can't be seen is not drawn. */
typedef struct look {
    ink fill, stroke;
    double width;          /* of the stroke */
    double opacity;        /* of both, in (0, 1] */
    double filled_opacity; /* of the fill alone, in (0, 1] */
    bool dashed;
} look;

typedef enum anchor { ANCHOR_START, ANCHOR_MIDDLE, ANCHOR_END } anchor;

typedef struct lettering {
    ink ink;
    double size; /* height of the letters, in pixels */
    bool bold;
    anchor anchor;
} lettering;

typedef enum shape_kind { SHAPE_BOX, SHAPE_LINE, SHAPE_CIRCLE, SHAPE_TEXT } shape_kind;

typedef struct shape {
    shape_kind kind;
    box box; /* of a box; of a circle: x, y and the radius as width; of a text: where it is anchored, on its base line */
    double corner; /* of a box: radius of its corners */
    look look;
    lettering lettering;
    char *text;       /* of a text; of another shape its tooltip, or NULL */
    size_t from, end; /* of a line: its points */
} shape;

typedef struct point {
    double x, y;
} point;

typedef struct drawing {
    const command_line *cli;
    char *title;
    double width, height; /* set before writing */
    shape *shapes;
    size_t count, room;
    point *points;
    size_t point_count, point_room;
    bool failed;
} drawing;

drawing drawing_new(const command_line *cli, const char *title);
void drawing_free(drawing *d);

/* Each returns the shape, for a corner or a tooltip, or NULL after a failure. */
shape *drawing_box(drawing *d, box where, const look *look);
shape *drawing_circle(drawing *d, double x, double y, double radius, const look *look);
shape *drawing_line(drawing *d, const point *points, size_t count, const look *look); /* not closed, never filled */
shape *drawing_text(drawing *d, double x, double y, const lettering *how, const char *text);
void drawing_tip(drawing *d, shape *s, const char *text); /* what a browser shows at the shape; s may be NULL */

/* ---- texts ---- */

/* The number of cells that a text takes: 2 for letters of East Asian scripts and pictographs, 0 for marks on letters. */
size_t text_cells(const char *text);
double text_width(size_t cells, double size); /* in pixels, at most */

/* Copies a text without what is not printable, and shortens it in the middle to at most `cells`, which is at least 3.
 * The caller frees it. NULL: out of memory, and an error was printed. */
char *text_fit(const command_line *cli, const char *text, size_t cells);

#endif
