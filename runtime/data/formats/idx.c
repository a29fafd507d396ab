/* IDX, the format of MNIST: 00 00 TYPE DIMENSIONS, then each dimension as a big-endian 32-bit number, then the values.
 */
#include <string.h>

#include "base/memory.h"
#include "data/formats/readers.h"

#define TYPE_U8 0x08

static const struct {
    uint8_t type;
    const char *words;
} other_types[] = {
    {0x09, "signed bytes"},  {0x0B, "16-bit integers"}, {0x0C, "32-bit integers"},
    {0x0D, "32-bit floats"}, {0x0E, "64-bit floats"},
};

typedef struct header {
    uint32_t dimensions;
    uint64_t size[4];
    uint64_t bytes; /* of the header itself */
    uint64_t count; /* of values: the product of the dimensions */
} header;

bool br_idx_is(const br_bytes *file)
{
    return file->size >= 4 && file->data[0] == 0 && file->data[1] == 0 && file->data[2] >= TYPE_U8 &&
           file->data[2] <= 0x0E && file->data[3] >= 1;
}

static int check_magic(const char *path, const br_bytes *file, uint32_t least, uint32_t most, br_error *error)
{
    const uint8_t *magic = file->data;
    if (file->size < 4)
        return br_fail(error, BR_ERROR_IO, "%s: byte %llu: the file ends inside the four bytes an IDX file starts with",
                       path, (unsigned long long)file->size);
    if (magic[0] != 0 || magic[1] != 0)
        return br_fail(error, BR_ERROR_IO,
                       "%s: byte 0: not an IDX file: it starts with %02x %02x %02x %02x, not 00 00 08", path, magic[0],
                       magic[1], magic[2], magic[3]);
    for (size_t i = 0; i < sizeof other_types / sizeof *other_types; i++)
        if (magic[2] == other_types[i].type)
            return br_fail(error, BR_ERROR_IO,
                           "%s: byte 2: an IDX file of %s (type %02x); only unsigned bytes (08) are read; save other "
                           "numbers as NPY or CSV",
                           path, other_types[i].words, magic[2]);
    if (magic[2] != TYPE_U8)
        return br_fail(error, BR_ERROR_IO, "%s: byte 2: %02x is no IDX type; unsigned bytes are 08", path, magic[2]);
    if (magic[3] < least || magic[3] > most)
        return br_fail(error, BR_ERROR_IO,
                       "%s: byte 3: the file has %u dimensions, but %s; are the two names in order?", path, magic[3],
                       most == 1 ? "labels have one" : "images have two to four");
    return 0;
}

/* Reads the header and checks that the values fill the rest of the file exactly. */
static int read_header(const char *path, const br_bytes *file, uint32_t least, uint32_t most, header *out,
                       br_error *error)
{
    if (check_magic(path, file, least, most, error) != 0)
        return -1;
    *out = (header){.dimensions = file->data[3], .count = 1};
    out->bytes = 4 + 4 * (uint64_t)out->dimensions;
    if (file->size < out->bytes)
        return br_fail(error, BR_ERROR_IO, "%s: byte %llu: the file ends inside its header of %llu bytes", path,
                       (unsigned long long)file->size, (unsigned long long)out->bytes);
    for (uint32_t i = 0; i < out->dimensions; i++) {
        out->size[i] = br_big32(file->data + 4 + 4 * i);
        if (out->size[i] == 0)
            return br_fail(error, BR_ERROR_IO, "%s: byte %u: dimension %u is 0: the file holds no samples", path,
                           4 + 4 * i, i + 1);
        if (!br_multiply(out->count, out->size[i], &out->count))
            return br_fail(error, BR_ERROR_IO, "%s: byte %u: the sizes in the header are impossibly large", path,
                           4 + 4 * i);
    }
    /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): check_magic asked for a dimension at least */
    uint64_t held = file->size - out->bytes, sample = out->count / out->size[0];
    if (held < out->count)
        return br_fail(error, BR_ERROR_IO,
                       "%s: byte %llu: the file ends inside sample %llu of %llu; it is cut short, fetch it again", path,
                       (unsigned long long)file->size, (unsigned long long)(held / sample),
                       (unsigned long long)out->size[0]);
    if (held > out->count)
        return br_fail(error, BR_ERROR_IO,
                       "%s: byte %llu: %llu bytes follow the last of %llu samples; the header and the "
                       "file don't agree",
                       path, (unsigned long long)(out->bytes + out->count), (unsigned long long)(held - out->count),
                       (unsigned long long)out->size[0]);
    return 0;
}

static int read_shape(const char *path, const br_bytes *file, br_array *out, header *h, br_error *error)
{
    *out = (br_array){0};
    if (read_header(path, file, 2, 4, h, error) != 0)
        return -1;
    return h->dimensions == 2 ? br_array_shape(out, path, h->size[0], 1, h->size[1], 1, error)
                              : br_array_shape(out, path, h->size[0], h->size[1], h->size[2],
                                               h->dimensions == 4 ? h->size[3] : 1, error);
}

int br_idx_inputs(const char *path, const br_bytes *file, br_array *out, br_error *error)
{
    header h;
    if (read_shape(path, file, out, &h, error) != 0)
        return -1;
    out->bytes = br_new(h.count, 1, error);
    if (out->bytes == NULL)
        return -1;
    memcpy(out->bytes, file->data + h.bytes, h.count);
    return 0;
}

int br_idx_take(const char *path, br_bytes *file, br_array *out, br_error *error)
{
    header h;
    if (read_shape(path, file, out, &h, error) != 0)
        return -1;
    out->bytes = file->data;
    memmove(out->bytes, out->bytes + h.bytes, h.count);
    *file = (br_bytes){0};
    return 0;
}

int br_label_beyond(const char *path, uint64_t sample, uint64_t byte, int64_t label, uint32_t classes, br_error *error)
{
    return br_fail(error, BR_ERROR_CHECK,
                   "%s: byte %llu: sample %llu has the label %lld, but the network's %u classes are 0 to %u", path,
                   (unsigned long long)byte, (unsigned long long)sample, (long long)label, classes, classes - 1);
}

int br_idx_labels(const char *path, const br_bytes *file, uint32_t classes, br_labels *out, br_error *error)
{
    *out = (br_labels){0};
    header h;
    if (read_header(path, file, 1, 1, &h, error) != 0)
        return -1;
    const uint8_t *labels = file->data + h.bytes;
    for (uint64_t i = 0; i < h.count; i++)
        if (labels[i] >= classes)
            return br_label_beyond(path, i, h.bytes + i, labels[i], classes, error);
    out->labels = br_new(h.count, sizeof *out->labels, error);
    if (out->labels == NULL)
        return -1;
    out->count = h.count;
    for (uint64_t i = 0; i < h.count; i++)
        out->labels[i] = labels[i];
    return 0;
}
