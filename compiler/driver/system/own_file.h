/* Files that belong to bouton and are installed with it. */
#ifndef BOUTON_DRIVER_OWN_FILE_H
#define BOUTON_DRIVER_OWN_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* The path of file `name`: next to the program, or next to the library that holds this function, or in the folder where
 * an installation puts it, relative to one of the two. False if there is none, or if its path exceeds `size` bytes. */
bool own_file(const char *name, char *path, size_t size);

#endif
