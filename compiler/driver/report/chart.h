/* Charts as inline SVG: lines over an axis, and bars. Lines differ by their dashes as well as by colour, and a key in
 * HTML names them, so that no text in a chart can lie on another. */
#ifndef BOUTON_DRIVER_CHART_H
#define BOUTON_DRIVER_CHART_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { CHART_LINES = 8 }; /* styles of lines; further lines begin again */

typedef struct chart_line {
    const char *name; /* for the key */
    const double *y;  /* [count]; NAN: no point */
    const double *x;  /* [count], ascending */
    uint32_t count;
    int64_t mark; /* index of the point that gets a ring; -1: none */
} chart_line;

typedef struct chart {
    const char *title;                   /* a caption in words */
    const char *x_name, *y_name;         /* beside the axes */
    double x_least, x_most, least, most; /* of the axes */
    bool whole;                          /* x counts, so its ticks are whole numbers */
    bool shares;                         /* y is in per cent */
    uint32_t line_count;
    const chart_line *lines;
    const uint32_t *groups; /* [line_count]: lines of a group have one style and one name; NULL: each is its own */
    const bool *thick;      /* [line_count]: lines that stand out; NULL: none */
    const char *thick_name; /* what these are, for the key */
    const char *mark;       /* what the rings mark, for the key; NULL: there are none */
    uint32_t border_count;
    const double *borders; /* x of vertical lines */
    bool diagonal;         /* a straight line from corner to corner, too */
} chart;

void chart_draw(FILE *to, const chart *chart);

/* Bars side by side over equal steps of [least, most]; `tall` of the largest sets the scale. */
typedef struct bar_chart {
    const char *title, *x_name;
    double least, most;
    uint32_t count;
    const double *heights; /* [count], at least 0 */
    const char *y_name;
} bar_chart;

void chart_bars(FILE *to, const bar_chart *chart);

#endif
