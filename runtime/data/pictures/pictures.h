/* Pictures: one reader for each file format, and what happens to a picture before a network reads it. Every reader
 * gives one sample of bytes with one channel (grey) or three, lying as its EXIF orientation states, with its
 * transparent pixels laid on the background. `path` is only for messages. On failure *out is empty. */
#ifndef BR_PICTURES_H
#define BR_PICTURES_H

#include "data/array.h"
#include "data/formats/bytes.h"
#include "data/notes.h"

#define BR_PICTURE_SIDE  16384u       /* most rows or columns */
#define BR_PICTURE_BYTES (1ull << 28) /* most bytes, decoded */

/* Pictures of a data set that have something in common, for one note about all of them. */
typedef struct br_picture_tally {
    uint64_t count;
    char *first; /* file name; owned */
} br_picture_tally;

/* What all pictures of a data set share. br_picture_tell must follow the last picture, also after a failure. */
typedef struct br_picture_context {
    const br_pictures *rules;               /* NULL: a white background that nobody stated */
    br_notes *notes;                        /* NULL: nobody reads them */
    br_picture_tally transparent, animated; /* begin empty */
} br_picture_context;

/* Adds the notes on all pictures that were read, and empties the tallies. */
void br_picture_tell(br_picture_context *context);

typedef int br_picture_reader(br_picture_context *context, const char *path, const br_bytes *file, br_array *out,
                              br_error *error);

bool br_png_is(const br_bytes *file);
br_picture_reader br_png_read;
bool br_jpeg_is(const br_bytes *file);
br_picture_reader br_jpeg_read;
bool br_pnm_is(const br_bytes *file);
br_picture_reader br_pnm_read;
bool br_bmp_is(const br_bytes *file);
br_picture_reader br_bmp_read;
bool br_gif_is(const br_bytes *file);
br_picture_reader br_gif_read;
bool br_webp_is(const br_bytes *file);
br_picture_reader br_webp_read;

/* Any of these formats, or one that people have and br_picture_read refuses by its name (TIFF, HEIC, SVG ...). */
bool br_picture_is(const br_bytes *file);
br_picture_reader br_picture_read;
bool br_picture_named(const char *path); /* whether the file's name ends as a picture's does */

int br_picture_check(const char *path, uint64_t height, uint64_t width, uint64_t channels, br_error *error);

/* A picture as its file has it: 1 to 4 channels, grey or RGB, with or without alpha. */
typedef struct br_decoded {
    uint8_t *pixels; /* [height][width][channels]; owned */
    uint32_t height, width, channels;
    uint32_t orientation; /* of EXIF, 1 .. 8 */
    bool animated;        /* it has more than the one frame */
} br_decoded;

/* Lays a decoded picture on the background, and turns it. Takes decoded->pixels, also on failure. */
int br_picture_finish(br_picture_context *context, const char *path, br_decoded *decoded, br_array *out,
                      br_error *error);

/* Fits one image to the network's input: scales it, and converts between grey and colour. */
int br_picture_fit(br_array *array, const char *path, bt_shape shape, br_error *error);

/* Maps the black and white of an image to the two ends of the raw values. */
int br_picture_map(br_array *array, double low, double high, br_error *error);

/* Scales images of another shape to height x width x channels; see scale.c. */
int br_scale(br_array *array, bt_shape shape, br_error *error);

/* The shape and the range of values that images are converted to. */
typedef struct br_picture_shape {
    bt_shape shape;
    double low, high;
} br_picture_shape;

/* Every pixel of an image, row by row, as a sample of 1x1x3. A grey pixel has three equal channels. No labels. */
int br_pixels_read(br_picture_context *context, const char *path, const br_picture_shape *shape, br_array *out,
                   br_error *error);

/* An image of any format as red, green and blue bytes: one sample. */
br_picture_reader br_picture_colours;

#endif
