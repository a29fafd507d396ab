/* PNG pictures. Each chunk carries a checksum of its bytes. The checksums are corrected after a mutation, otherwise the
 * reader would refuse every mutated chunk. */
#include <zlib.h>

#include "reading.h"

enum { SIGNATURE = 8, AROUND = 12 /* length, name, checksum */ };

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most) __attribute__((weak));
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);

void fuzz_mend(uint8_t *data, size_t size)
{
    for (size_t at = SIGNATURE; at + AROUND <= size;) {
        size_t length = br_big32(data + at);
        if (length > size - at - AROUND)
            return;
        uLong sum = crc32(0, data + at + 4, (uInt)length + 4);
        for (int i = 0; i < 4; i++)
            data[at + 8 + length + (size_t)i] = (uint8_t)(sum >> (24 - 8 * i));
        at += AROUND + length;
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    size = LLVMFuzzerMutate(data, size, most);
    if (seed % 16 != 0) /* keep wrong checksums in one of 16 */
        fuzz_mend(data, size);
    return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_picture(br_png_read, data, size);
    return 0;
}
