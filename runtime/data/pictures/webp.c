/* WebP pictures through libwebp. Of an animation, the first frame is read on a transparent canvas. libwebp decodes a
 * frame's chunks as it decodes a file, so its library for animations is not needed. */
#include <string.h>
#include <webp/decode.h>

#include "base/memory.h"
#include "data/pictures/exif.h"
#include "data/pictures/pictures.h"

#define HEADER       12u /* "RIFF", size, "WEBP" */
#define CHUNK        8u  /* name and size */
#define FRAME_HEADER 16u /* of an ANMF chunk, before its own chunks */
#define ANIMATION    2u  /* flag in VP8X */

/* What is decoded, and where it lies on the canvas. */
typedef struct frame {
    const uint8_t *bytes;
    uint64_t size;
    uint32_t left, top;
} frame;

bool br_webp_is(const br_bytes *file)
{
    return file->size >= HEADER && memcmp(file->data, "RIFF", 4) == 0 && memcmp(file->data + 8, "WEBP", 4) == 0;
}

static uint32_t little24(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16;
}

/* Finds the first frame of an animation, and whether others follow. */
static int find_frame(const char *path, const br_bytes *file, frame *first, bool *more, br_error *error)
{
    *first = (frame){0};
    *more = false;
    for (uint64_t at = HEADER; at + CHUNK <= file->size;) {
        uint64_t size = br_little32(file->data + at + 4);
        const uint8_t *inside = file->data + at + CHUNK;
        if (size > file->size - at - CHUNK)
            break;
        if (memcmp(file->data + at, "ANMF", 4) == 0 && size > FRAME_HEADER) {
            *more = first->bytes != NULL;
            if (*more)
                return 0;
            *first =
                (frame){inside + FRAME_HEADER, size - FRAME_HEADER, 2 * little24(inside), 2 * little24(inside + 3)};
        }
        at += CHUNK + size + (size & 1);
    }
    return first->bytes != NULL ? 0 : br_fail(error, BR_ERROR_IO, "%s: the WebP animation holds no frame", path);
}

static int fail_status(const char *path, VP8StatusCode status, br_error *error)
{
    switch (status) {
    case VP8_STATUS_OUT_OF_MEMORY:
        return br_fail(error, BR_ERROR_FAULT, "%s: out of memory in libwebp", path);
    case VP8_STATUS_SUSPENDED:
    case VP8_STATUS_NOT_ENOUGH_DATA:
        return br_fail(error, BR_ERROR_IO, "%s: the WebP is cut short", path);
    default:
        return br_fail(error, BR_ERROR_IO, "%s: the WebP is damaged: its pixels can't be decoded", path);
    }
}

/* Decodes into the canvas at the frame's place. */
static int decode(const char *path, const frame *f, const WebPBitstreamFeatures *facts, br_decoded *canvas,
                  br_error *error)
{
    uint32_t height = (uint32_t)facts->height, width = (uint32_t)facts->width, channels = canvas->channels;
    if (f->left + width > canvas->width || f->top + height > canvas->height)
        return br_fail(error, BR_ERROR_IO, "%s: the WebP is damaged: its first frame leaves the picture", path);
    WebPDecoderConfig config;
    if (!WebPInitDecoderConfig(&config))
        return br_fail(error, BR_ERROR_FAULT, "libwebp has another version than its header");
    uint64_t row = (uint64_t)canvas->width * channels, start = f->top * row + (uint64_t)f->left * channels;
    config.output.colorspace = channels == 4 ? MODE_RGBA : MODE_RGB;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = canvas->pixels + start;
    config.output.u.RGBA.stride = (int)row;
    config.output.u.RGBA.size = canvas->height * row - start;
    VP8StatusCode status = WebPDecode(f->bytes, f->size, &config);
    WebPFreeDecBuffer(&config.output);
    return status == VP8_STATUS_OK ? 0 : fail_status(path, status, error);
}

static int read_picture(const char *path, const br_bytes *file, br_decoded *canvas, br_error *error)
{
    frame f = {file->data, file->size, 0, 0};
    WebPBitstreamFeatures facts;
    bool extended = file->size >= HEADER + CHUNK + 10 && memcmp(file->data + HEADER, "VP8X", 4) == 0;
    bool animation = extended && (file->data[HEADER + CHUNK] & ANIMATION) != 0;
    if (animation && find_frame(path, file, &f, &canvas->animated, error) != 0)
        return -1;
    VP8StatusCode status = WebPGetFeatures(f.bytes, f.size, &facts);
    if (status != VP8_STATUS_OK)
        return fail_status(path, status, error);
    canvas->height = animation ? little24(file->data + HEADER + CHUNK + 7) + 1 : (uint32_t)facts.height;
    canvas->width = animation ? little24(file->data + HEADER + CHUNK + 4) + 1 : (uint32_t)facts.width;
    canvas->channels = animation || facts.has_alpha ? 4 : 3;
    if (br_picture_check(path, canvas->height, canvas->width, canvas->channels, error) != 0)
        return -1;
    canvas->pixels = br_new((uint64_t)canvas->height * canvas->width, canvas->channels, error);
    return canvas->pixels != NULL ? decode(path, &f, &facts, canvas, error) : -1;
}

int br_webp_read(br_picture_context *context, const char *path, const br_bytes *file, br_array *out, br_error *error)
{
    *out = (br_array){0};
    if (!br_webp_is(file))
        return br_fail(error, BR_ERROR_IO, "%s: byte 0: not a WebP picture", path);
    if (br_little32(file->data + 4) > file->size - CHUNK)
        return br_fail(error, BR_ERROR_IO, "%s: byte %llu: the WebP is cut short; it should have %llu bytes", path,
                       (unsigned long long)file->size, (unsigned long long)br_little32(file->data + 4) + CHUNK);
    br_decoded canvas = {.orientation = br_exif_webp(file)};
    if (read_picture(path, file, &canvas, error) == 0)
        return br_picture_finish(context, path, &canvas, out, error);
    br_release(canvas.pixels);
    return -1;
}
