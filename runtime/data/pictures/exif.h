/* EXIF: how a picture lies in its file. */
#ifndef BR_EXIF_H
#define BR_EXIF_H

#include "data/array.h"
#include "data/formats/bytes.h"

/* The orientation that a JPEG (APP1), a PNG (eXIf) or a WebP (EXIF) states: 1 .. 8, as tag 0x112 has it. 1, as the
 * picture lies, if there is none, or if the EXIF block is damaged: it does not belong to the pixels. */
uint32_t br_exif_jpeg(const br_bytes *file);
uint32_t br_exif_png(const br_bytes *file);
uint32_t br_exif_webp(const br_bytes *file);

/* Turns and mirrors a decoded picture so that it lies as it is to be shown. */
int br_exif_apply(br_array *picture, uint32_t orientation, br_error *error);

#endif
