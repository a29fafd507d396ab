/* Writes a static library of one object in the format of `ar`, without times and owners. */
#ifndef BOUTON_DRIVER_ARCHIVE_H
#define BOUTON_DRIVER_ARCHIVE_H

#include <stddef.h>
#include <stdio.h>

/* `symbols` lists the symbols that the object exports and ends with NULL. The caller checks the stream for write
 * errors. */
void archive_write(FILE *to, const char *const *symbols, const char *object, size_t size);

#endif
