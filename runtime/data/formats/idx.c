/* IDX, the format of MNIST: 00 00 TYPE DIMENSIONS, then each dimension as a big-endian 32-bit number, then the values,
 * big-endian too. */
#include <string.h>

#include "base/memory.h"
#include "data/formats/readers.h"
#include "data/formats/typed_labels.h"

static const struct type {
    uint8_t code, size;
    br_kind kind;
} types[] = {
    {0x08, 1, BR_KIND_UNSIGNED}, {0x09, 1, BR_KIND_SIGNED}, {0x0B, 2, BR_KIND_SIGNED},
    {0x0C, 4, BR_KIND_SIGNED},   {0x0D, 4, BR_KIND_FLOAT},  {0x0E, 8, BR_KIND_FLOAT},
};

static const struct type *type_of(uint8_t code)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].code == code)
            return &types[i];
    return NULL;
}

bool br_idx_is(const br_bytes *file)
{
    return file->size >= 4 && file->data[0] == 0 && file->data[1] == 0 && type_of(file->data[2]) != NULL &&
           file->data[3] >= 1 && file->data[3] <= BR_DIMENSIONS;
}

static int check_magic(const char *path, const br_bytes *file, br_error *error)
{
    const uint8_t *magic = file->data;
    if (file->size < 4)
        return br_fail(error, BR_ERROR_IO, "%s: byte %llu: the file ends inside the four bytes an IDX file starts with",
                       path, (unsigned long long)file->size);
    if (magic[0] != 0 || magic[1] != 0)
        return br_fail(error, BR_ERROR_IO,
                       "%s: byte 0: not an IDX file: it starts with %02x %02x %02x %02x, not 00 00 08", path, magic[0],
                       magic[1], magic[2], magic[3]);
    if (type_of(magic[2]) == NULL)
        return br_fail(error, BR_ERROR_IO,
                       "%s: byte 2: %02x is no IDX type; they are 08, 09 and 0b to 0e, and bytes are 08", path,
                       magic[2]);
    if (magic[3] < 1 || magic[3] > BR_DIMENSIONS)
        return br_fail(error, BR_ERROR_IO, "%s: byte 3: the file has %u dimensions; 1 to %u are read", path, magic[3],
                       BR_DIMENSIONS);
    return 0;
}

/* The values must fill the rest of the file exactly. */
static int check_size(const br_typed *array, uint64_t held, uint64_t file, br_error *error)
{
    uint64_t samples = array->shape.size[0], bytes;
    if (!br_multiply(array->count, array->size, &bytes))
        return br_fail(error, BR_ERROR_IO, "%s: the sizes in the header are impossibly large", array->path);
    if (held < bytes)
        return br_fail(error, BR_ERROR_IO,
                       "%s: byte %llu: the file ends inside sample %llu of %llu; it is cut short, fetch it again",
                       array->path, (unsigned long long)file, (unsigned long long)(held / (bytes / samples)),
                       (unsigned long long)samples);
    if (held > bytes)
        return br_fail(error, BR_ERROR_IO,
                       "%s: byte %llu: %llu bytes follow the last of %llu samples; the header and the "
                       "file don't agree",
                       array->path, (unsigned long long)(array->byte + bytes), (unsigned long long)(held - bytes),
                       (unsigned long long)samples);
    return 0;
}

static int open_array(const char *path, const br_bytes *file, br_typed *out, br_error *error)
{
    *out = (br_typed){.path = path};
    if (check_magic(path, file, error) != 0)
        return -1;
    const struct type *type = type_of(file->data[2]);
    *out = (br_typed){.path = path, .kind = type->kind, .size = type->size, .big = true, .count = 1};
    out->shape.count = file->data[3];
    out->byte = 4 + 4 * (uint64_t)out->shape.count;
    out->values = file->data + out->byte;
    if (file->size < out->byte)
        return br_fail(error, BR_ERROR_IO, "%s: byte %llu: the file ends inside its header of %llu bytes", path,
                       (unsigned long long)file->size, (unsigned long long)out->byte);
    for (uint32_t i = 0; i < out->shape.count; i++) {
        out->shape.size[i] = br_big32(file->data + 4 + 4 * i);
        if (out->shape.size[i] == 0)
            return br_fail(error, BR_ERROR_IO, "%s: byte %u: dimension %u is 0: the file holds no samples", path,
                           4 + 4 * i, i + 1);
        if (!br_multiply(out->count, out->shape.size[i], &out->count))
            return br_fail(error, BR_ERROR_IO, "%s: byte %u: the sizes in the header are impossibly large", path,
                           4 + 4 * i);
    }
    return check_size(out, file->size - out->byte, file->size, error);
}

int br_idx_inputs(const char *path, const br_bytes *file, bt_shape shape, br_notes *notes, br_array *out,
                  br_error *error)
{
    br_typed array;
    *out = (br_array){0};
    return open_array(path, file, &array, error) != 0 ? -1 : br_typed_inputs(&array, shape, notes, out, error);
}

int br_idx_take(const char *path, br_bytes *file, bt_shape shape, br_notes *notes, br_array *out, br_error *error)
{
    br_typed array;
    br_layout layout;
    *out = (br_array){0};
    if (open_array(path, file, &array, error) != 0 ||
        br_layout_find(path, &array.shape, shape, notes, &layout, error) != 0)
        return -1;
    if (!br_typed_is_plain(&array, &layout))
        return br_typed_samples(&array, &layout, shape, out, error);
    if (br_array_shape(out, path, layout.samples, shape.height, shape.width, shape.channels, error) != 0)
        return -1;
    out->bytes = file->data;
    memmove(out->bytes, out->bytes + array.byte, array.count);
    *file = (br_bytes){0};
    return 0;
}

int br_idx_labels(const char *path, const br_bytes *file, uint32_t classes, br_labels *out, br_error *error)
{
    br_typed array;
    *out = (br_labels){0};
    return open_array(path, file, &array, error) != 0 ? -1 : br_typed_labels(&array, classes, out, error);
}
