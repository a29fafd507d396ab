/* Pictures of every format, recognised by their first bytes: BMP, GIF, WebP, EXIF orientations, transparency. */
#include "reading.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_picture(br_picture_read, data, size);
    return 0;
}
