/* The parts of a path. */
#ifndef BOUTON_DRIVER_PATHS_H
#define BOUTON_DRIVER_PATHS_H

#include "options/cli.h"

/* The name of a file without its folders: the end of `path`. */
const char *path_name(const char *path);

/* The folder that holds a file: "." for a bare name and for standard input. The caller frees it. NULL: out of memory,
 * which an error has said. */
char *path_folder(const command_line *cli, const char *path);

#endif
