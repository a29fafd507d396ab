/* JPEG pictures. */
#include "reading.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_picture(br_jpeg_read, data, size);
    return 0;
}
