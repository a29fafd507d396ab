/* The live connections of samples as a drawing: only those that carry signal, blue where they excite, orange where they
 * inhibit. */
#ifndef BOUTON_DRIVER_LIVE_H
#define BOUTON_DRIVER_LIVE_H

#include "picture/drawing.h"
#include "session/session.h"

/* Draws the samples of --sample side by side, up to four. The network is compiled. Prints its errors. The caller frees
 * the drawing, also after a failure. */
int live_draw(session *s, drawing *out);

#endif
