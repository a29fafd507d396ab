/* The header of an NPY file. */
#ifndef BR_NPY_H
#define BR_NPY_H

#include "data/formats/bytes.h"
#include "data/formats/typed.h"

#define BR_NPY_HEADER_MOST (12 + 65536u) /* bytes before the values, at most */

/* Reads the header. `head` holds the first bytes of a file of `whole` bytes: all, or at least the header. The values
 * must fill the rest of the file exactly. They may be read if `head` holds them. */
int br_npy_open(const char *path, const br_bytes *head, uint64_t whole, br_typed *out, br_error *error);

#endif
