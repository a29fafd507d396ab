/* Which lines of a network's text its layers and phases stand on: what a model keeps of them, what code is told. */
#ifndef BOUTON_DRIVER_LINES_H
#define BOUTON_DRIVER_LINES_H

#include "session/session.h"

/* Finds them: in the text that was read, or, of a trained model, where it was written down when it was trained. */
int lines_find(session *session);
void lines_drop(session *session);

/* A line each, "LINE FILE", as a model keeps them; the caller frees it. NULL: out of memory, said so. */
char *lines_text(const session *session);

/* Names of functions in memory, for perf: /tmp/perf-PID.map. */
int lines_map(const session *session);

#endif
