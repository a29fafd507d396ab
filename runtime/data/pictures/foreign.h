/* Picture formats that people have and that are not read here. */
#ifndef BR_FOREIGN_H
#define BR_FOREIGN_H

#include "data/formats/bytes.h"

/* The rest of "FILE: is ...", for example "a TIFF picture; convert it to PNG"; NULL: none of these formats. */
const char *br_foreign_is(const br_bytes *file);

#endif
