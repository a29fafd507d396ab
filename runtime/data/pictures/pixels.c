/* The pixels of one image, each a sample of its own. A palette is learned from them. */
#include "base/memory.h"
#include "data/pictures/pictures.h"

int br_picture_colours(br_picture_context *context, const char *path, const br_bytes *file, br_array *out,
                       br_error *error)
{
    if (br_picture_read(context, path, file, out, error) != 0)
        return -1;
    bt_shape colours = {out->shape.height, out->shape.width, 3};
    int status = br_array_shape(&(br_array){0}, path, 1, colours.height, colours.width, colours.channels, error);
    if (status == 0 && out->shape.channels != colours.channels)
        status = br_scale(out, colours, error);
    if (status != 0)
        br_array_free(out);
    return status;
}

int br_pixels_read(br_picture_context *context, const char *path, const br_picture_shape *shape, br_array *out,
                   br_error *error)
{
    br_bytes file;
    *out = (br_array){0};
    if (shape->shape.height != 1 || shape->shape.width != 1 || shape->shape.channels != 3)
        return br_fail(error, BR_ERROR_CHECK, "%s: pixels are samples of 1x1x3, but the network's input is %s", path,
                       br_shape_write(shape->shape).text);
    if (br_bytes_read(path, BR_PICTURE_BYTES, &file, error) != 0)
        return -1;
    int status = br_picture_colours(context, path, &file, out, error);
    br_bytes_free(&file);
    if (status != 0)
        return -1;
    uint64_t pixels = bt_places(out->shape);
    status = br_array_shape(out, path, pixels, 1, 1, 3, error);
    if (status == 0)
        status = br_picture_map(out, shape->low, shape->high, error);
    if (status != 0)
        br_array_free(out);
    return status;
}
