/* BMP pictures of Windows and OS/2: palettes of 1, 2, 4 and 8 bits, colours of 16, 24 and 32 bits, masks, and run
 * lengths. */
#include "data/pictures/bmp.h"

#include <string.h>

#include "base/memory.h"

#define PIXELS_A_BYTE 4096 /* far more than runs of 255 pixels in two bytes */
#define FILE_HEADER   14u
#define CORE          12u /* sizes of the second header */
#define INFO          40u
#define WITH_MASKS    52u
#define WITH_ALPHA    56u

enum { PLAIN, RLE8, RLE4, MASKS, ALPHA_MASKS = 6 }; /* compression */

static bool is_header(uint32_t size)
{
    static const uint32_t known[] = {CORE, 16, INFO, WITH_MASKS, WITH_ALPHA, 64, 108, 124};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i] == size)
            return true;
    return false;
}

bool br_bmp_is(const br_bytes *file)
{
    return file->size >= FILE_HEADER + 4 && memcmp(file->data, "BM", 2) == 0 &&
           is_header(br_little32(file->data + FILE_HEADER));
}

static int fail_short(const bmp *b)
{
    return br_fail(b->error, BR_ERROR_IO, "%s: byte %llu: the BMP is cut short", b->path,
                   (unsigned long long)b->file->size);
}

static int check_kind(const bmp *b)
{
    bool depth =
        b->bits == 1 || b->bits == 2 || b->bits == 4 || b->bits == 8 || b->bits == 16 || b->bits == 24 || b->bits == 32;
    bool masks = b->compression == MASKS || b->compression == ALPHA_MASKS;
    bool os2 = b->header == 16 || b->header == 64; /* its compressions of 3 and more are others */
    bool known = b->compression == PLAIN || (b->compression == RLE8 && b->bits == 8) ||
                 (b->compression == RLE4 && b->bits == 4) || (masks && !os2 && (b->bits == 16 || b->bits == 32));
    if (!depth || !known)
        return br_fail(b->error, BR_ERROR_IO,
                       "%s: a BMP of %u bits a pixel with compression %u is not read; convert it to PNG", b->path,
                       b->bits, b->compression);
    if (b->top_down && (b->compression == RLE8 || b->compression == RLE4))
        return br_bmp_fail(b, FILE_HEADER + 8, "run lengths with the top row first");
    return br_picture_check(b->path, b->height, b->width, 4, b->error);
}

/* The second header. Sides are signed: a negative height says that the top row comes first. */
static int read_header(bmp *b, uint64_t *used)
{
    const uint8_t *at = b->file->data + FILE_HEADER;
    b->header = br_little32(at);
    b->pixels_at = br_little32(b->file->data + 10);
    if (b->file->size < FILE_HEADER + b->header)
        return fail_short(b);
    if (b->header == CORE) {
        b->width = br_little16(at + 4);
        b->height = br_little16(at + 6);
        b->bits = br_little16(at + 10);
        b->entry = 3;
    } else {
        int32_t height = (int32_t)br_little32(at + 8);
        b->top_down = height < 0;
        b->width = br_little32(at + 4);
        b->height = height < 0 ? 0u - (uint32_t)height : (uint32_t)height;
        b->bits = br_little16(at + 14);
        b->compression = b->header > 16 ? br_little32(at + 16) : PLAIN;
        b->colours = b->header > 16 ? br_little32(at + 32) : 0;
        b->entry = 4;
    }
    *used = FILE_HEADER + b->header;
    return check_kind(b);
}

/* Masks lie in the header, or behind it if it is the shortest that may have them. */
static int read_masks(bmp *b, uint64_t *used)
{
    static const uint32_t five_bits[4] = {0x7C00, 0x3E0, 0x1F, 0}, eight_bits[4] = {0xFF0000, 0xFF00, 0xFF, 0};
    memcpy(b->masks, b->bits == 16 ? five_bits : eight_bits, sizeof b->masks);
    if (b->compression != MASKS && b->compression != ALPHA_MASKS)
        return 0;
    bool behind = b->header < WITH_MASKS;
    int count = (behind ? b->compression == ALPHA_MASKS : b->header >= WITH_ALPHA) ? 4 : 3;
    uint64_t at = FILE_HEADER + INFO;
    if (b->file->size < at + 4 * (uint64_t)count)
        return fail_short(b);
    for (int i = 0; i < count; i++) {
        uint32_t mask = br_little32(b->file->data + at + 4 * (uint64_t)i), low = mask & (0 - mask);
        if (mask != 0 && ((mask / low) & (mask / low + 1)) != 0)
            return br_bmp_fail(b, at + 4 * (uint64_t)i, "a mask has gaps");
        b->masks[i] = mask;
    }
    if (behind)
        *used += 4 * (uint64_t)count;
    return 0;
}

/* The palette lies between the headers and the pixels. */
static int read_palette(bmp *b, uint64_t used)
{
    uint64_t size = b->file->size, room = b->pixels_at < size ? b->pixels_at : size;
    if (b->pixels_at < used)
        return br_bmp_fail(b, 10, "its pixels begin within its header");
    if (b->bits > 8)
        return 0;
    uint32_t most = 1u << b->bits;
    if (b->colours == 0 || b->colours > most)
        b->colours = most;
    if (b->colours > (room - used) / b->entry)
        b->colours = (uint32_t)((room - used) / b->entry);
    b->palette = b->file->data + used;
    return 0;
}

/* ---- pixels ---- */

static int put_index(const bmp *b, uint32_t index, uint64_t byte, uint8_t *to)
{
    if (index >= b->colours)
        return br_bmp_fail(b, byte, "a pixel has a colour that is not in the palette");
    const uint8_t *colour = b->palette + (uint64_t)index * b->entry; /* blue, green, red */
    to[0] = colour[2];
    to[1] = colour[1];
    to[2] = colour[0];
    return 0;
}

static uint8_t masked(uint32_t pixel, uint32_t mask)
{
    if (mask == 0)
        return 0;
    uint64_t low = mask & (0 - mask), most = mask / low;
    return (uint8_t)(((pixel & mask) / low * 255 + most / 2) / most);
}

static int read_row(const bmp *b, uint64_t from, uint8_t *to, uint32_t channels)
{
    const uint8_t *bytes = b->file->data + from;
    for (uint64_t x = 0; x < b->width; x++, to += channels) {
        uint64_t bit = x * b->bits, byte = bit / 8;
        if (b->bits <= 8) {
            uint32_t index = (uint32_t)bytes[byte] >> (8 - b->bits - bit % 8) & ((1u << b->bits) - 1);
            if (put_index(b, index, from + byte, to) != 0)
                return -1;
        } else if (b->bits == 24) {
            memcpy(to, (uint8_t[]){bytes[byte + 2], bytes[byte + 1], bytes[byte]}, 3);
        } else {
            uint32_t pixel = b->bits == 16 ? br_little16(bytes + byte) : br_little32(bytes + byte);
            for (uint32_t c = 0; c < channels; c++)
                to[c] = masked(pixel, b->masks[c]);
        }
    }
    return 0;
}

static uint64_t row_of(const bmp *b, uint64_t y)
{
    return b->top_down ? y : b->height - 1 - y;
}

static int read_plain(const bmp *b, br_decoded *d)
{
    uint64_t stride = ((uint64_t)b->width * b->bits + 31) / 32 * 4, size = b->file->size;
    uint64_t needed = stride * (b->height - 1) + ((uint64_t)b->width * b->bits + 7) / 8;
    if (b->pixels_at > size || needed > size - b->pixels_at)
        return fail_short(b);
    d->pixels = br_new((uint64_t)b->height * b->width, d->channels, b->error);
    if (d->pixels == NULL)
        return -1;
    for (uint64_t y = 0; y < b->height; y++)
        if (read_row(b, b->pixels_at + y * stride, d->pixels + row_of(b, y) * b->width * d->channels, d->channels) != 0)
            return -1;
    return 0;
}

static int read_runs(const bmp *b, br_decoded *d)
{
    if ((uint64_t)b->height * b->width / PIXELS_A_BYTE > b->file->size)
        return br_bmp_fail(b, 18, "it claims more pixels than its bytes can hold");
    uint8_t *indices = br_new((uint64_t)b->height * b->width, 1, b->error);
    int status = indices != NULL ? br_bmp_unpack(b, indices) : -1;
    d->pixels = status == 0 ? br_new((uint64_t)b->height * b->width, d->channels, b->error) : NULL;
    if (d->pixels == NULL)
        status = -1;
    for (uint64_t y = 0; y < b->height && status == 0; y++)
        for (uint64_t x = 0; x < b->width && status == 0; x++)
            status = put_index(b, indices[y * b->width + x], b->pixels_at,
                               d->pixels + (row_of(b, y) * b->width + x) * d->channels);
    br_release(indices);
    return status;
}

/* Many programs write pictures of 32 bits that are meant to be opaque with an alpha of 0. */
static void mend_alpha(const br_decoded *d)
{
    uint64_t n = (uint64_t)d->height * d->width;
    if (d->channels != 4)
        return;
    for (uint64_t i = 0; i < n; i++)
        if (d->pixels[4 * i + 3] != 0)
            return;
    for (uint64_t i = 0; i < n; i++)
        d->pixels[4 * i + 3] = 255;
}

int br_bmp_read(br_picture_context *context, const char *path, const br_bytes *file, br_array *out, br_error *error)
{
    bmp b = {.path = path, .file = file, .error = error};
    uint64_t used = 0;
    *out = (br_array){0};
    if (!br_bmp_is(file))
        return br_fail(error, BR_ERROR_IO, "%s: byte 0: not a BMP picture", path);
    if (read_header(&b, &used) != 0 || read_masks(&b, &used) != 0 || read_palette(&b, used) != 0)
        return -1;
    br_decoded decoded = {.height = b.height, .width = b.width, .orientation = 1};
    decoded.channels = b.masks[3] != 0 && b.bits > 8 && b.bits != 24 ? 4 : 3;
    int status = b.compression == RLE8 || b.compression == RLE4 ? read_runs(&b, &decoded) : read_plain(&b, &decoded);
    if (status != 0) {
        br_release(decoded.pixels);
        return -1;
    }
    mend_alpha(&decoded);
    return br_picture_finish(context, path, &decoded, out, error);
}
