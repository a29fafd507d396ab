/* Run lengths of BMP. A pair (n, v) repeats v n times; with 4 bits its two halves alternate. (0, 0) ends a row, (0, 1)
 * the picture, (0, 2) moves right and up by the next two bytes, and (0, n) is followed by n indices, padded to an even
 * number of bytes. */
#include "data/pictures/bmp.h"

int br_bmp_fail(const bmp *b, uint64_t byte, const char *what)
{
    return br_fail(b->error, BR_ERROR_IO, "%s: byte %llu: the BMP is damaged: %s", b->path, (unsigned long long)byte,
                   what);
}

enum { END_OF_ROW, END_OF_PICTURE, MOVE };

typedef struct unpacker {
    const bmp *b;
    uint64_t at, x, y;
    uint8_t *indices;
} unpacker;

static int fail_short(const unpacker *u)
{
    return br_fail(u->b->error, BR_ERROR_IO, "%s: byte %llu: the BMP is cut short", u->b->path,
                   (unsigned long long)u->b->file->size);
}

/* The i-th index of packed bytes. */
static uint8_t index_at(const unpacker *u, const uint8_t *bytes, uint32_t i)
{
    if (u->b->bits == 8)
        return bytes[i];
    return i % 2 == 0 ? bytes[i / 2] >> 4 : bytes[i / 2] & 15;
}

/* Writes n indices. A run repeats its one byte, so it reads only the first index, or the first two. */
static int put(unpacker *u, const uint8_t *bytes, uint32_t n, bool run)
{
    if (u->y >= u->b->height || n > u->b->width - u->x)
        return br_bmp_fail(u->b, u->at, "a run leaves its row");
    for (uint32_t i = 0; i < n; i++)
        u->indices[u->y * u->b->width + u->x + i] = index_at(u, bytes, !run ? i : u->b->bits == 8 ? 0 : i % 2);
    u->x += n;
    return 0;
}

static int move(unpacker *u)
{
    if (u->b->file->size - u->at < 2)
        return fail_short(u);
    u->x += u->b->file->data[u->at];
    u->y += u->b->file->data[u->at + 1];
    u->at += 2;
    return u->x <= u->b->width && u->y < u->b->height ? 0 : br_bmp_fail(u->b, u->at, "a move leaves the picture");
}

static int put_literal(unpacker *u, uint32_t n)
{
    uint64_t bytes = u->b->bits == 8 ? n : (n + 1) / 2;
    bytes += bytes & 1;
    if (u->b->file->size - u->at < bytes)
        return fail_short(u);
    int status = put(u, u->b->file->data + u->at, n, false);
    u->at += bytes;
    return status;
}

int br_bmp_unpack(const bmp *b, uint8_t *indices)
{
    unpacker u = {.b = b, .at = b->pixels_at, .indices = indices};
    for (;;) {
        if (u.at > b->file->size || b->file->size - u.at < 2)
            return fail_short(&u);
        uint8_t first = b->file->data[u.at], second = b->file->data[u.at + 1];
        int status = 0;
        u.at += 2;
        if (first > 0) {
            status = put(&u, b->file->data + u.at - 1, first, true);
        } else if (second == END_OF_PICTURE) {
            return 0;
        } else if (second == END_OF_ROW) {
            u.x = 0;
            u.y += u.y < b->height;
        } else {
            status = second == MOVE ? move(&u) : put_literal(&u, second);
        }
        if (status != 0)
            return -1;
    }
}
