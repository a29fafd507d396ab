/* Images of any format, fitted to the network's input. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "data/pictures/foreign.h"
#include "data/pictures/pictures.h"

static const struct {
    bool (*is)(const br_bytes *file);
    br_picture_reader *read;
} formats[] = {{br_png_is, br_png_read},   {br_jpeg_is, br_jpeg_read}, {br_gif_is, br_gif_read},
               {br_webp_is, br_webp_read}, {br_bmp_is, br_bmp_read},   {br_pnm_is, br_pnm_read}};

enum { FORMATS = sizeof formats / sizeof *formats };

bool br_picture_is(const br_bytes *file)
{
    for (int i = 0; i < FORMATS; i++)
        if (formats[i].is(file))
            return true;
    return br_foreign_is(file) != NULL;
}

int br_picture_read(br_picture_context *context, const char *path, const br_bytes *file, br_array *out, br_error *error)
{
    *out = (br_array){0};
    for (int i = 0; i < FORMATS; i++)
        if (formats[i].is(file))
            return formats[i].read(context, path, file, out, error);
    const char *foreign = br_foreign_is(file);
    if (foreign != NULL)
        return br_fail(error, BR_ERROR_IO, "%s: is %s", path, foreign);
    if (file->size == 0)
        return br_fail(error, BR_ERROR_IO, "%s: the file is empty; remove it", path);
    return br_fail(error, BR_ERROR_IO,
                   "%s: byte 0: neither PNG, JPEG, GIF, WebP, BMP, PGM nor PPM; convert the file or remove it", path);
}

/* Scales the image if the network reads images. The number of channels must be equal, or one of the two 1 and the other
 * 3. A row of as many grey pixels as the input has values is the input, row by row. */
int br_picture_fit(br_array *array, const char *path, bt_shape shape, br_error *error)
{
    bt_shape from = array->shape;
    bool network_vector = shape.height == 1 && shape.channels == 1;
    bool vector = from.height == 1 && from.channels == 1 && bt_values(from) == bt_values(shape);
    if (network_vector && from.channels == 3 && bt_places(from) == shape.width) {
        if (br_scale(array, (bt_shape){from.height, from.width, 1}, error) != 0)
            return -1;
    } else if (!network_vector && !vector) {
        bool grey = from.channels == 1 && shape.channels == 3, colour = from.channels == 3 && shape.channels == 1;
        if (!bt_same_shape(from, shape) && (grey || colour || from.channels == shape.channels) &&
            br_scale(array, shape, error) != 0)
            return -1;
    }
    return br_array_fit(array, path, shape, error);
}

int br_picture_map(br_array *array, double low, double high, br_error *error)
{
    if (low == 0 && high == 255)
        return 0;
    if (br_array_to_floats(array, error) != 0)
        return -1;
    uint64_t n = array->count * br_array_values(array);
    for (uint64_t i = 0; i < n; i++)
        array->floats[i] = (float)(low + (high - low) * (array->floats[i] / 255.0));
    return 0;
}

bool br_picture_named(const char *path)
{
    static const char *const ends[] = {"png", "jpg", "jpeg", "jpe", "jfif", "gif",  "webp", "bmp", "dib",
                                       "pgm", "ppm", "pnm",  "tif", "tiff", "heic", "avif", "svg", "ico"};
    char end[8];
    size_t length = strlen(path), n = 0;
    if (length > 3 && strcasecmp(path + length - 3, ".gz") == 0)
        length -= 3;
    while (n < length && n < sizeof end - 1 && path[length - 1 - n] != '.')
        n++;
    if (n == length || path[length - 1 - n] != '.')
        return false;
    snprintf(end, sizeof end, "%.*s", (int)n, path + length - n);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (strcasecmp(end, ends[i]) == 0)
            return true;
    return false;
}
