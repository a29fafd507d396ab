/* JPEG images through libjpeg, decoded from memory to grey or RGB bytes. On an error libjpeg calls a function that must
 * not return; here that function is a longjmp. All state between setjmp and the end of decoding is in a struct. */
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

#include "base/memory.h"
#include "data/pictures/exif.h"
#include "data/pictures/pictures.h"

#define MARKER_BYTES 3u  /* the start-of-image marker and the first byte of the next marker */
#define INKS         4   /* channels of CMYK */
#define SCANS_LIMIT  200 /* of a progressive image; more would only keep the decoder busy */

typedef struct reader {
    struct jpeg_error_mgr errors; /* must be first: libjpeg passes its address */
    struct jpeg_progress_mgr progress;
    struct jpeg_decompress_struct jpeg;
    jmp_buf back;
    const char *path;
    const br_bytes *file;
    uint8_t *pixels;
    br_error *error;
    bool failed; /* *error is filled in */
} reader;

bool br_jpeg_is(const br_bytes *file)
{
    return file->size >= MARKER_BYTES && memcmp(file->data, "\xff\xd8\xff", MARKER_BYTES) == 0;
}

static reader *reader_of(j_common_ptr jpeg)
{
    return (reader *)jpeg->err;
}

static void give_up(reader *r)
{
    r->failed = true;
    longjmp(r->back, 1);
}

static void fail_damaged(j_common_ptr jpeg)
{
    reader *r = reader_of(jpeg);
    char reason[JMSG_LENGTH_MAX];
    r->errors.format_message(jpeg, reason);
    br_fail(r->error, BR_ERROR_IO, "%s: the JPEG is damaged: %s", r->path, reason);
    give_up(r);
}

/* After most kinds of damage libjpeg continues with a warning and grey pixels. Here a warning ends the reading, except
 * for remarks on headers, which leave every pixel intact. */
static void hear_message(j_common_ptr jpeg, int level)
{
    int code = jpeg->err->msg_code;
    if (level < 0 && code != JWRN_ADOBE_XFORM && code != JWRN_JFIF_MAJOR && code != JWRN_EXTRANEOUS_DATA)
        fail_damaged(jpeg);
}

static void print_nothing(j_common_ptr jpeg)
{
    (void)jpeg;
}

static void count_scans(j_common_ptr jpeg)
{
    reader *r = reader_of(jpeg);
    if (r->jpeg.input_scan_number <= SCANS_LIMIT)
        return;
    br_fail(r->error, BR_ERROR_IO, "%s: the JPEG has more than %d scans; save it again", r->path, SCANS_LIMIT);
    give_up(r);
}

static void decode(reader *r)
{
    struct jpeg_decompress_struct *jpeg = &r->jpeg;
    jpeg_create_decompress(jpeg);
    r->progress.progress_monitor = count_scans;
    jpeg->progress = &r->progress;
    jpeg_mem_src(jpeg, r->file->data, r->file->size);
    jpeg_read_header(jpeg, TRUE);
    if (jpeg->num_components != 1 && jpeg->num_components != 3 && jpeg->num_components != INKS) {
        br_fail(r->error, BR_ERROR_IO, "%s: a JPEG of %d channels; only grey, RGB and CMYK are read; convert it",
                r->path, jpeg->num_components);
        give_up(r);
    }
    jpeg->out_color_space = jpeg->num_components == 1 ? JCS_GRAYSCALE : jpeg->num_components == 3 ? JCS_RGB : JCS_CMYK;
    uint32_t channels = (uint32_t)jpeg->num_components;
    if (br_picture_check(r->path, jpeg->image_height, jpeg->image_width, channels, r->error) != 0)
        give_up(r);
    uint64_t row = (uint64_t)jpeg->image_width * channels;
    r->pixels = br_new(jpeg->image_height, row, r->error);
    if (r->pixels == NULL)
        give_up(r);
    jpeg_start_decompress(jpeg);
    while (jpeg->output_scanline < jpeg->output_height) {
        JSAMPROW to = r->pixels + jpeg->output_scanline * row;
        jpeg_read_scanlines(jpeg, &to, 1);
    }
    jpeg_finish_decompress(jpeg);
}

static bool read_safely(reader *r)
{
    if (setjmp(r->back) != 0)
        return false;
    decode(r);
    return true;
}

/* The colours of printed ink: red = cyan black / 255, both as the light that they leave, and so on. Adobe's programs
 * store light, others ink. */
static void mix_inks(reader *r)
{
    uint64_t n = (uint64_t)r->jpeg.image_height * r->jpeg.image_width;
    uint8_t ink = r->jpeg.saw_Adobe_marker ? 0 : 255;
    const uint8_t *from = r->pixels;
    uint8_t *to = r->pixels;
    for (uint64_t i = 0; i < n; i++, from += INKS) {
        uint32_t black = from[3] ^ ink;
        for (int c = 0; c < 3; c++)
            *to++ = (uint8_t)(((uint32_t)(from[c] ^ ink) * black + 127) / 255);
    }
}

int br_jpeg_read(br_picture_context *context, const char *path, const br_bytes *file, br_array *out, br_error *error)
{
    *out = (br_array){0};
    if (!br_jpeg_is(file))
        return br_fail(error, BR_ERROR_IO, "%s: byte 0: not a JPEG picture", path);
    reader r = {.path = path, .file = file, .error = error};
    r.jpeg.err = jpeg_std_error(&r.errors);
    r.errors.error_exit = fail_damaged;
    r.errors.emit_message = hear_message;
    r.errors.output_message = print_nothing;
    bool whole = read_safely(&r);
    br_decoded decoded = {.pixels = r.pixels, .height = r.jpeg.image_height, .width = r.jpeg.image_width};
    decoded.channels = r.jpeg.num_components == 1 ? 1 : 3;
    decoded.orientation = br_exif_jpeg(file);
    if (whole && r.jpeg.num_components == INKS)
        mix_inks(&r);
    jpeg_destroy_decompress(&r.jpeg);
    if (!whole) {
        br_release(r.pixels);
        return -1;
    }
    return br_picture_finish(context, path, &decoded, out, error);
}
