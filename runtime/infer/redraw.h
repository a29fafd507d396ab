/* The palette of the winners: the part of redrawing that needs no network. */
#ifndef BR_REDRAW_H
#define BR_REDRAW_H

#include "bouton/runtime.h"

/* `rgb` is [height * width][3]. `winners` gives a filter below out->filters for each pixel. out->pixels is large enough
 * for all pixels. Fills in the palette, the pixels and the error. */
void br_palette_make(const uint8_t *rgb, const uint32_t *winners, br_redrawn *out);

#endif
