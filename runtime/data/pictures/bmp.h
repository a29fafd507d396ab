/* What the two parts of the BMP reader share. */
#ifndef BR_BMP_H
#define BR_BMP_H

#include "data/pictures/pictures.h"

/* The facts of the two headers. */
typedef struct bmp {
    const char *path;
    const br_bytes *file;
    br_error *error;
    uint32_t header; /* bytes of the second header: its kind */
    uint32_t height, width;
    bool top_down;
    uint32_t bits, compression;
    uint32_t masks[4]; /* red, green, blue, alpha; 0: no alpha */
    const uint8_t *palette;
    uint32_t colours, entry; /* of the palette; bytes of one colour */
    uint64_t pixels_at;      /* the first byte of the pixels */
} bmp;

/* Fills in *error and returns -1. */
int br_bmp_fail(const bmp *b, uint64_t byte, const char *what);

/* Unpacks run lengths of 8 or 4 bits into [height][width] indices, bottom row first. Places that the runs skip stay
 * 0. */
int br_bmp_unpack(const bmp *b, uint8_t *indices);

#endif
