/* Which lines of a network's text its layers and phases stand on: what a model keeps of them, what code is told. */
#ifndef BOUTON_DRIVER_LINES_H
#define BOUTON_DRIVER_LINES_H

#include "bouton/compiler.h"
#include "session/source.h"

typedef struct text_lines {
    bc_line *all; /* [count]: layers, then phases; NULL: not looked for */
    char **files; /* [count + 1]: names of files that lines_find made; the last one serves all lines */
    uint32_t count;
} text_lines;

/* Finds them: in the text that was read, or, of a trained model, where it was written down when it was trained. */
int lines_find(const command_line *cli, const network_source *source, text_lines *lines);
void lines_drop(text_lines *lines);

/* A line each, "LINE FILE", as a model keeps them; the caller frees it. NULL: out of memory, said so. */
char *lines_text(const command_line *cli, const network_source *source);

/* Names of functions in memory, for perf: /tmp/perf-PID.map. */
int lines_map(const command_line *cli, const bc_code *code);

#endif
