/* CIFAR-10 and CIFAR-100 in their binary versions. A row consists of label bytes and 32x32 pixels in three planes: red,
 * green, blue. The format has no header, so only the size and the labels can be checked. */
#include <string.h>

#include "base/memory.h"
#include "data/formats/readers.h"

#define SIDE   32u
#define PIXELS (SIDE * SIDE)
#define PLANES 3u

/* The difference between the two versions: the number of label bytes before the pixels, and the number of labels of
 * each. The last label byte is the class. */
typedef struct layout {
    const char *name, *other;
    uint32_t label_bytes;
    uint32_t labels[2];
} layout;

static const layout ten = {"CIFAR-10", "CIFAR-100", 1, {10}};
static const layout hundred = {"CIFAR-100", "CIFAR-10", 2, {20, 100}};

typedef struct reader {
    const char *path;
    const br_bytes *file;
    const layout *layout;
    uint64_t row; /* bytes of a row */
} reader;

static int check_size(const reader *r, br_error *error)
{
    const br_bytes *file = r->file;
    if (file->size == 0)
        return br_fail(error, BR_ERROR_IO, "%s: byte 0: the file is empty; fetch it again", r->path);
    if (file->size % r->row != 0)
        return br_fail(error, BR_ERROR_IO,
                       "%s: byte %llu: the file ends inside row %llu; the rows of %s have %llu bytes: it is cut short "
                       "or a file of another kind (%s?)",
                       r->path, (unsigned long long)file->size, (unsigned long long)(file->size / r->row),
                       r->layout->name, (unsigned long long)r->row, r->layout->other);
    return 0;
}

/* The class of a row is its last label byte. */
static int read_label(const reader *r, uint64_t sample, uint32_t classes, uint32_t *out, br_error *error)
{
    const layout *l = r->layout;
    const uint8_t *data = r->file->data;
    uint64_t at = sample * r->row;
    for (uint32_t i = 0; i < l->label_bytes; i++)
        if (data[at + i] >= l->labels[i])
            return br_fail(error, BR_ERROR_IO,
                           "%s: byte %llu: sample %llu has the label %u; those of %s are 0 to %u; is the file "
                           "damaged, or one of %s?",
                           r->path, (unsigned long long)(at + i), (unsigned long long)sample, data[at + i], l->name,
                           l->labels[i] - 1, l->other);
    at += l->label_bytes - 1;
    *out = data[at];
    return *out < classes ? 0 : br_label_beyond(r->path, sample, at, *out, classes, error);
}

/* Converts planes to channels last. */
static void interleave(const uint8_t *planes, uint8_t *out)
{
    for (uint32_t i = 0; i < PIXELS; i++)
        for (uint32_t c = 0; c < PLANES; c++)
            out[i * PLANES + c] = planes[c * PIXELS + i];
}

static int read_rows(const reader *r, uint32_t classes, br_array *out, br_error *error)
{
    if (check_size(r, error) != 0 ||
        br_array_shape(out, r->path, r->file->size / r->row, SIDE, SIDE, PLANES, error) != 0)
        return -1;
    out->bytes = br_new(out->count, PLANES * PIXELS, error);
    out->labels = out->bytes != NULL ? br_new(out->count, sizeof *out->labels, error) : NULL;
    if (out->labels == NULL)
        return -1;
    for (uint64_t i = 0; i < out->count; i++) {
        if (read_label(r, i, classes, &out->labels[i], error) != 0)
            return -1;
        interleave(r->file->data + i * r->row + r->layout->label_bytes, out->bytes + i * (PLANES * PIXELS));
    }
    return 0;
}

int br_cifar_read(const char *path, const br_bytes *file, bool fine, uint32_t classes, br_array *out, br_error *error)
{
    *out = (br_array){0};
    reader r = {.path = path, .file = file, .layout = fine ? &hundred : &ten};
    r.row = r.layout->label_bytes + PLANES * PIXELS;
    int status = read_rows(&r, classes, out, error);
    if (status != 0)
        br_array_free(out);
    return status;
}
