/* What may stand next on a command line of bouton, from the tables of verbs and options. */
#ifndef BOUTON_DRIVER_CANDIDATES_H
#define BOUTON_DRIVER_CANDIDATES_H

#include <stdio.h>

#include "options/cli.h"

/* Prints what may replace the last of `words`, which is only begun and may be empty; the words before it are complete.
 * The first word is the name of the program. Each line is a word, a tab, and a short description; a word that ends with
 * `=` goes on. A line that begins with a tab asks the shell for paths: "files" with the ends of their names, or
 * "folders". */
void candidates_print(const char *const *words, size_t count, FILE *to);

#endif
