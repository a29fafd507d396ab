/* A static library of one object, as `ar` would write it, without a clock or an owner in it. */
#ifndef BOUTON_DRIVER_ARCHIVE_H
#define BOUTON_DRIVER_ARCHIVE_H

#include <stddef.h>
#include <stdio.h>

/* `symbols` are those the object defines for others, NULL at the end. A lost write is seen in the stream. */
void archive_write(FILE *to, const char *const *symbols, const char *object, size_t size);

#endif
