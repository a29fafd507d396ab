#include "data/pictures/exif.h"

#include <string.h>

#include "data/prepare.h"

#define ORIENTATION 0x112u /* the tag */
#define SHORT       3u     /* types of values */
#define LONG        4u
#define ENTRY       12u /* bytes: tag, type, count, value */
#define UPRIGHT     1u

/* A TIFF block: "II" or "MM" states its byte order. */
typedef struct block {
    const uint8_t *bytes;
    uint64_t size;
    bool big;
} block;

static uint32_t take16(const block *b, uint64_t at)
{
    return b->big ? (uint32_t)(b->bytes[at] << 8 | b->bytes[at + 1]) : br_little16(b->bytes + at);
}

static uint32_t take32(const block *b, uint64_t at)
{
    return b->big ? br_big32(b->bytes + at) : br_little32(b->bytes + at);
}

/* Looks only into the first directory: later ones describe the thumbnail. */
static uint32_t orientation_of(const uint8_t *bytes, uint64_t size)
{
    block b = {bytes, size, false};
    if (size >= 6 && memcmp(bytes, "Exif", 4) == 0) { /* some WebP and PNG files keep the beginning of a JPEG's block */
        b.bytes += 6;
        b.size -= 6;
    }
    if (b.size < 8 || (memcmp(b.bytes, "II*", 4) != 0 && memcmp(b.bytes, "MM\0*", 4) != 0))
        return UPRIGHT;
    b.big = b.bytes[0] == 'M';
    uint64_t at = take32(&b, 4);
    if (at < 8 || at + 2 > b.size)
        return UPRIGHT;
    uint64_t count = take16(&b, at), room = (b.size - at - 2) / ENTRY;
    at += 2;
    for (uint64_t i = 0; i < count && i < room; i++, at += ENTRY) {
        uint32_t type = take16(&b, at + 2);
        if (take16(&b, at) != ORIENTATION || (type != SHORT && type != LONG) || take32(&b, at + 4) != 1)
            continue;
        uint32_t value = type == SHORT ? take16(&b, at + 8) : take32(&b, at + 8);
        return value >= 1 && value <= 8 ? value : UPRIGHT;
    }
    return UPRIGHT;
}

uint32_t br_exif_jpeg(const br_bytes *file)
{
    const uint8_t *bytes = file->data;
    for (uint64_t at = 2; at + 4 <= file->size && bytes[at] == 0xFF;) {
        uint8_t marker = bytes[at + 1];
        if (marker == 0xFF) { /* fill bytes may precede a marker */
            at++;
            continue;
        }
        uint64_t length = (uint64_t)bytes[at + 2] << 8 | bytes[at + 3];
        if (marker == 0xDA || marker == 0xD9 || length < 2 || length > file->size - at - 2)
            return UPRIGHT;
        if (marker == 0xE1 && length >= 8 && memcmp(bytes + at + 4, "Exif", 4) == 0)
            return orientation_of(bytes + at + 4, length - 2);
        at += 2 + length;
    }
    return UPRIGHT;
}

uint32_t br_exif_png(const br_bytes *file)
{
    for (uint64_t at = 8; at + 12 <= file->size;) { /* length, name, bytes, checksum */
        uint64_t length = br_big32(file->data + at);
        if (length > file->size - at - 12)
            return UPRIGHT;
        if (memcmp(file->data + at + 4, "eXIf", 4) == 0)
            return orientation_of(file->data + at + 8, length);
        at += 12 + length;
    }
    return UPRIGHT;
}

uint32_t br_exif_webp(const br_bytes *file)
{
    for (uint64_t at = 12; at + 8 <= file->size;) { /* name, length, bytes, a byte where the length is odd */
        uint64_t length = br_little32(file->data + at + 4);
        if (length > file->size - at - 8)
            return UPRIGHT;
        if (memcmp(file->data + at, "EXIF", 4) == 0)
            return orientation_of(file->data + at + 8, length);
        at += 8 + length + (length & 1);
    }
    return UPRIGHT;
}

int br_exif_apply(br_array *picture, uint32_t orientation, br_error *error)
{
    /* A mirror image is a transposed one, turned: the eight orientations are the eight pairs of these. */
    static const struct {
        bool transpose;
        uint8_t turns;
    } steps[9] = {{false, 0}, {false, 0}, {true, 1}, {false, 2}, {true, 3},
                  {true, 0},  {false, 1}, {true, 2}, {false, 3}};
    return br_turn(picture, steps[orientation].transpose, steps[orientation].turns, error);
}
