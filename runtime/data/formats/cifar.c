/* CIFAR-10 and CIFAR-100, the binary versions: rows of label bytes and 32x32 pixels in three planes: red, green, blue.
 * The format has no header, so that the size and the labels are all there is to check. */
#include <string.h>

#include "base/memory.h"
#include "data/formats/readers.h"

#define SIDE   32u
#define PIXELS (SIDE * SIDE)
#define PLANES 3u

/* What distinguishes the two: label bytes before the pixels, how many labels each knows; the last byte is the class. */
typedef struct layout {
    const char *name, *other;
    uint32_t label_bytes;
    uint32_t labels[2];
} layout;

static const layout ten = {"CIFAR-10", "CIFAR-100", 1, {10}};
static const layout hundred = {"CIFAR-100", "CIFAR-10", 2, {20, 100}};

static int check_size(const char *path, const br_bytes *file, const layout *l, uint64_t row, br_error *error)
{
    if (file->size == 0)
        return br_fail(error, BR_ERROR_IO, "%s: byte 0: the file is empty; fetch it again", path);
    if (file->size % row != 0)
        return br_fail(error, BR_ERROR_IO,
                       "%s: byte %llu: the file ends inside row %llu; the rows of %s have %llu bytes: it is cut short "
                       "or a file of another kind (%s?)",
                       path, (unsigned long long)file->size, (unsigned long long)(file->size / row), l->name,
                       (unsigned long long)row, l->other);
    return 0;
}

/* The class of a row: its last label byte. */
static int read_label(const char *path, const br_bytes *file, const layout *l, uint64_t row, uint64_t sample,
                      uint32_t classes, uint32_t *out, br_error *error)
{
    uint64_t at = sample * row;
    for (uint32_t i = 0; i < l->label_bytes; i++)
        if (file->data[at + i] >= l->labels[i])
            return br_fail(error, BR_ERROR_IO,
                           "%s: byte %llu: sample %llu has the label %u; those of %s are 0 to %u; is the file "
                           "damaged, or one of %s?",
                           path, (unsigned long long)(at + i), (unsigned long long)sample, file->data[at + i], l->name,
                           l->labels[i] - 1, l->other);
    at += l->label_bytes - 1;
    *out = file->data[at];
    return *out < classes ? 0 : br_label_beyond(path, sample, at, *out, classes, error);
}

/* Planes to channels last. */
static void interleave(const uint8_t *planes, uint8_t *out)
{
    for (uint32_t i = 0; i < PIXELS; i++)
        for (uint32_t c = 0; c < PLANES; c++)
            out[i * PLANES + c] = planes[c * PIXELS + i];
}

static int read_rows(const char *path, const br_bytes *file, const layout *l, uint32_t classes, br_array *out,
                     br_error *error)
{
    uint64_t row = l->label_bytes + PLANES * PIXELS;
    if (check_size(path, file, l, row, error) != 0 ||
        br_array_shape(out, path, file->size / row, SIDE, SIDE, PLANES, error) != 0)
        return -1;
    out->bytes = br_new(out->count, PLANES * PIXELS, error);
    out->labels = out->bytes != NULL ? br_new(out->count, sizeof *out->labels, error) : NULL;
    if (out->labels == NULL)
        return -1;
    for (uint64_t i = 0; i < out->count; i++) {
        if (read_label(path, file, l, row, i, classes, &out->labels[i], error) != 0)
            return -1;
        interleave(file->data + i * row + l->label_bytes, out->bytes + i * (PLANES * PIXELS));
    }
    return 0;
}

int br_cifar_read(const char *path, const br_bytes *file, bool fine, uint32_t classes, br_array *out, br_error *error)
{
    *out = (br_array){0};
    int status = read_rows(path, file, fine ? &hundred : &ten, classes, out, error);
    if (status != 0)
        br_array_free(out);
    return status;
}
