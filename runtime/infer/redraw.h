/* A palette out of winners: the part of redrawing that knows no network. */
#ifndef BR_REDRAW_H
#define BR_REDRAW_H

#include "bouton/runtime.h"

/* `rgb` is [height * width][3], `winners` names a filter below out->filters for each pixel; out->pixels has room for
 * all of them. Fills in the palette, the pixels, and what they cost. */
void br_palette_make(const uint8_t *rgb, const uint32_t *winners, br_redrawn *out);

#endif
