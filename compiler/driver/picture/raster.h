/* Drawings as PNG, through cairo, in the colours of a light page. */
#ifndef BOUTON_DRIVER_RASTER_H
#define BOUTON_DRIVER_RASTER_H

#include <stdio.h>

#include "picture/drawing.h"

/* Two pixels for each unit of the drawing, or one if it is large. Prints an error if the drawing is too large for a
 * picture, if memory runs out, or if the stream can't be written. `path` names it in errors. */
int raster_write(const drawing *d, const char *path, FILE *to);

#endif
