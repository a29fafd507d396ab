/* Images of any format, fitted to the network's input. */
#include "base/memory.h"
#include "data/formats/readers.h"

static const struct {
    bool (*is)(const br_bytes *file);
    int (*read)(const char *path, const br_bytes *file, br_array *out, br_error *error);
} formats[] = {{br_png_is, br_png_read}, {br_jpeg_is, br_jpeg_read}, {br_pnm_is, br_pnm_read}};

enum { FORMATS = sizeof formats / sizeof *formats };

bool br_picture_is(const br_bytes *file)
{
    for (int i = 0; i < FORMATS; i++)
        if (formats[i].is(file))
            return true;
    return false;
}

int br_picture_read(const char *path, const br_bytes *file, br_array *out, br_error *error)
{
    *out = (br_array){0};
    for (int i = 0; i < FORMATS; i++)
        if (formats[i].is(file))
            return formats[i].read(path, file, out, error);
    return br_fail(error, BR_ERROR_IO, "%s: byte 0: neither PNG, JPEG, PGM nor PPM; convert the file or remove it",
                   path);
}

/* Scales the image if the network reads images. The number of channels must be equal, or one of the two 1 and the other
 * 3. */
int br_picture_fit(br_array *array, const char *path, bt_shape shape, br_error *error)
{
    bt_shape from = array->shape;
    bool network_vector = shape.height == 1 && shape.channels == 1, vector = from.height == 1 && from.channels == 1;
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
