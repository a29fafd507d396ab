/* Drawings as SVG: no script, no font, nothing to load. Colours are CSS variables with a light and a dark value, and
 * each shape also has its light colour as an attribute, for programs that know no variables. */
#ifndef BOUTON_DRIVER_SVG_H
#define BOUTON_DRIVER_SVG_H

#include <stdio.h>

#include "picture/drawing.h"

/* A file of its own: with a page behind the drawing, and the colours' variables. The same drawing gives the same bytes.
 * Fails if the drawing ran out of memory; failed writes show in ferror(to). */
int svg_write(const drawing *d, FILE *to);

/* The same as an element of an HTML page, which has the variables by svg_style, and no page behind it. */
int svg_write_inline(const drawing *d, FILE *to);

/* The CSS of the variables, without <style>: light, dark, and light again on paper. */
void svg_style(FILE *to);

/* A text between tags, or between double quotes. */
void svg_text(FILE *to, const char *text);

#endif
