/* Programs of the system that bouton starts: compilers and linkers. */
#ifndef BOUTON_DRIVER_TOOL_H
#define BOUTON_DRIVER_TOOL_H

#include <limits.h>
#include <stdbool.h>

/* Finds a program in PATH. A name with a slash is used as a path. */
bool tool_find(const char *name, char out[PATH_MAX]);
bool tool_find_any(const char *const *names, char out[PATH_MAX]); /* the first that there is; NULL ends the names */

/* Runs words[0], a path, with its arguments; NULL ends the words. What it prints goes to a file. Returns its wait
 * status, or -1 with errno: it could not be started or waited for. */
int tool_run(const char *const *words, const char *printed);

#endif
