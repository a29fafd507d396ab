/* The lines on which the layers and phases of a network stand. Model files store them, and compiled code refers to
 * them. */
#ifndef BOUTON_DRIVER_LINES_H
#define BOUTON_DRIVER_LINES_H

#include "bouton/compiler.h"
#include "session/source.h"

typedef struct text_lines {
    bc_line *all; /* [count]: layers, then phases; NULL until lines_find */
    char **files; /* [count + 1]: file names that lines_find allocated; the last one serves all lines */
    uint32_t count;
} text_lines;

/* Finds the lines in the text that was parsed. For a trained model, takes the lines recorded during training. */
int lines_find(const command_line *cli, const network_source *source, text_lines *lines);
void lines_drop(text_lines *lines);

/* Returns the lines as a model file stores them: one "LINE FILE" per line. The caller frees the text. If memory runs
 * out, prints an error and returns NULL. */
char *lines_text(const command_line *cli, const network_source *source);

/* Writes the names of the functions in memory to /tmp/perf-PID.map, for perf. */
int lines_map(const command_line *cli, const bc_code *code);

#endif
