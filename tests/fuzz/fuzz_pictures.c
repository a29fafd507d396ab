/* Pictures of every format, recognised by their first bytes: BMP, GIF, WebP, EXIF orientations, transparency. */
#include <webp/decode.h>

#include "reading.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int width, height;
    if (WebPGetInfo(data, size, &width, &height) && (uint64_t)width * (uint64_t)height > LARGE)
        return 0; /* a few bytes may hold many pixels of one colour, which take time */
    fuzz_picture(br_picture_read, data, size);
    return 0;
}
