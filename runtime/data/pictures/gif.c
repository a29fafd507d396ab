/* GIF pictures through giflib: the first frame on a transparent canvas of the size of the whole picture. giflib would
 * read all frames at once, so the records are read one by one. */
#include <gif_lib.h>
#include <string.h>

#include "base/memory.h"
#include "data/pictures/pictures.h"

#define PIXELS_A_BYTE 4096 /* more than LZW codes of 9 to 12 bits can stand for */
#define RGBA          4u

typedef struct reader {
    const char *path;
    const br_bytes *file;
    uint64_t at;
    GifFileType *gif;
    int clear;       /* the index of transparent pixels; -1: none */
    br_decoded done; /* pixels NULL: no frame has been read */
    br_error *error;
} reader;

bool br_gif_is(const br_bytes *file)
{
    return file->size >= 6 && (memcmp(file->data, "GIF87a", 6) == 0 || memcmp(file->data, "GIF89a", 6) == 0);
}

static int read_memory(GifFileType *gif, GifByteType *to, int n)
{
    reader *r = gif->UserData;
    uint64_t held = r->file->size - r->at, taken = (uint64_t)n < held ? (uint64_t)n : held;
    memcpy(to, r->file->data + r->at, taken);
    r->at += taken;
    return (int)taken;
}

static int fail_damaged(const reader *r, const char *reason)
{
    if (r->at == r->file->size)
        return br_fail(r->error, BR_ERROR_IO, "%s: byte %llu: the GIF is cut short", r->path,
                       (unsigned long long)r->at);
    return br_fail(r->error, BR_ERROR_IO, "%s: byte %llu: the GIF is damaged: %s", r->path, (unsigned long long)r->at,
                   reason != NULL ? reason : "a part of it is not what it should be");
}

static int fail_giflib(const reader *r)
{
    return fail_damaged(r, GifErrorString(r->gif->Error));
}

/* Skips an extension, except for the index of transparent pixels. */
static int read_extension(reader *r)
{
    int code;
    GifByteType *block;
    if (DGifGetExtension(r->gif, &code, &block) != GIF_OK)
        return fail_giflib(r);
    GraphicsControlBlock control;
    if (code == GRAPHICS_EXT_FUNC_CODE && block != NULL && block[0] == 4 &&
        DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK)
        r->clear = control.TransparentColor;
    while (block != NULL)
        if (DGifGetExtensionNext(r->gif, &block) != GIF_OK)
            return fail_giflib(r);
    return 0;
}

/* Stores one line of indices as colours. */
static int put_line(reader *r, const ColorMapObject *colours, const GifPixelType *line, uint64_t row)
{
    const GifImageDesc *frame = &r->gif->Image;
    uint8_t *to = r->done.pixels + ((frame->Top + row) * r->done.width + (uint64_t)frame->Left) * RGBA;
    for (int x = 0; x < frame->Width; x++, to += RGBA) {
        if (line[x] == r->clear)
            continue; /* the canvas is transparent */
        if (line[x] >= colours->ColorCount)
            return fail_damaged(r, "a pixel has a colour that is not in the palette");
        const GifColorType *colour = &colours->Colors[line[x]];
        memcpy(to, (uint8_t[]){colour->Red, colour->Green, colour->Blue, 255}, RGBA);
    }
    return 0;
}

/* Interlaced lines come in four passes. */
static int read_lines(reader *r, const ColorMapObject *colours, GifPixelType *line)
{
    static const struct {
        uint8_t first, step;
    } plain[] = {{0, 1}}, interlaced[] = {{0, 8}, {4, 8}, {2, 4}, {1, 2}}, *passes;
    const GifImageDesc *frame = &r->gif->Image;
    passes = frame->Interlace ? interlaced : plain;
    for (int pass = 0; pass < (frame->Interlace ? 4 : 1); pass++)
        for (int row = passes[pass].first; row < frame->Height; row += passes[pass].step) {
            if (DGifGetLine(r->gif, line, frame->Width) != GIF_OK)
                return fail_giflib(r);
            if (put_line(r, colours, line, (uint64_t)row) != 0)
                return -1;
        }
    return 0;
}

static uint32_t larger(int a, int b)
{
    return (uint32_t)(a > b ? a : b);
}

/* A first frame beyond the canvas makes it larger, as browsers do it. */
static int read_frame(reader *r)
{
    GifFileType *gif = r->gif;
    if (DGifGetImageHeader(gif) != GIF_OK)
        return fail_giflib(r);
    const GifImageDesc *frame = &gif->Image;
    const ColorMapObject *colours = frame->ColorMap != NULL ? frame->ColorMap : gif->SColorMap;
    if (frame->Width <= 0 || frame->Height <= 0 || frame->Left < 0 || frame->Top < 0)
        return fail_damaged(r, "a frame without pixels");
    if (colours == NULL)
        return fail_damaged(r, "it has no palette");
    r->done.height = larger(gif->SHeight, frame->Top + frame->Height);
    r->done.width = larger(gif->SWidth, frame->Left + frame->Width);
    if (br_picture_check(r->path, r->done.height, r->done.width, RGBA, r->error) != 0)
        return -1;
    if ((uint64_t)r->done.height * r->done.width / PIXELS_A_BYTE > r->file->size)
        return fail_damaged(r, "it claims more pixels than its bytes can hold");
    r->done.pixels = br_new((uint64_t)r->done.height * r->done.width, RGBA, r->error);
    GifPixelType *line = r->done.pixels != NULL ? br_new((uint64_t)frame->Width, sizeof *line, r->error) : NULL;
    int status = line != NULL ? read_lines(r, colours, line) : -1;
    br_release(line);
    return status;
}

/* Reads to the end, or to the second frame: the rest of an animation is not needed. */
static int read_records(reader *r)
{
    for (;;) {
        GifRecordType kind;
        if (DGifGetRecordType(r->gif, &kind) != GIF_OK)
            return fail_giflib(r);
        if (kind == TERMINATE_RECORD_TYPE)
            return r->done.pixels != NULL ? 0 : fail_damaged(r, "it holds no frame");
        if (kind == IMAGE_DESC_RECORD_TYPE && r->done.pixels != NULL) {
            r->done.animated = true;
            return 0;
        }
        int status = kind == IMAGE_DESC_RECORD_TYPE  ? read_frame(r)
                     : kind == EXTENSION_RECORD_TYPE ? read_extension(r)
                                                     : fail_damaged(r, "an unknown record");
        if (status != 0)
            return -1;
    }
}

int br_gif_read(br_picture_context *context, const char *path, const br_bytes *file, br_array *out, br_error *error)
{
    *out = (br_array){0};
    if (!br_gif_is(file))
        return br_fail(error, BR_ERROR_IO, "%s: byte 0: not a GIF picture", path);
    reader r = {.path = path, .file = file, .clear = NO_TRANSPARENT_COLOR, .error = error};
    int code = 0;
    r.done.channels = RGBA;
    r.done.orientation = 1;
    r.gif = DGifOpen(&r, read_memory, &code);
    if (r.gif == NULL)
        return fail_damaged(&r, GifErrorString(code));
    int status = read_records(&r);
    DGifCloseFile(r.gif, &code);
    if (status == 0)
        return br_picture_finish(context, path, &r.done, out, error);
    br_release(r.done.pixels);
    return -1;
}
