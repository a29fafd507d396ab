/* CIFAR-10 and CIFAR-100 in their binary versions. A row consists of label bytes and 32x32 pixels in three planes: red,
 * green, blue. The format has no header, so only the size and the labels can be checked. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "data/formats/readers.h"

#define SIDE   32u
#define PIXELS (SIDE * SIDE)
#define PLANES 3u

/* The difference between the two versions: the number of label bytes before the pixels, the number of labels of each,
 * and the file of the names of the classes. The last label byte is the class. */
typedef struct layout {
    const char *name, *other;
    uint32_t label_bytes;
    uint32_t labels[2];
    const char *names_file;
} layout;

static const layout ten = {"CIFAR-10", "CIFAR-100", 1, {10}, "batches.meta.txt"};
static const layout hundred = {"CIFAR-100", "CIFAR-10", 2, {20, 100}, "fine_label_names.txt"};

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

/* ---- the names of the classes ---- */

#define NAMES_LIMIT 65536u /* bytes of a file of names */

void br_cifar_names_free(char **names, uint32_t count)
{
    for (uint32_t i = 0; names != NULL && i < count; i++)
        br_release(names[i]);
    br_release(names);
}

/* Copies one line, which has not been seen before. */
static int add_name(const char *path, const char *line, size_t length, char **names, uint32_t index, br_error *error)
{
    if (length == 0 || !br_utf8_is(line, length) || memchr(line, '\0', length) != NULL)
        return br_fail(error, BR_ERROR_IO, "%s: line %u: %s; write the name of class %u there, in UTF-8", path,
                       index + 1, length == 0 ? "empty" : "not text in UTF-8", index);
    names[index] = br_new(length + 1, 1, error);
    if (names[index] == NULL)
        return -1;
    memcpy(names[index], line, length);
    for (uint32_t i = 0; i < index; i++)
        if (strcmp(names[i], names[index]) == 0)
            return br_fail(error, BR_ERROR_IO, "%s: line %u: the same name as in line %u; each class needs its own",
                           path, index + 1, i + 1);
    return 0;
}

/* Lines may end in CR LF, and empty lines at the end do not count. */
int br_cifar_name_lines(const char *path, const br_bytes *file, bool fine, char ***names, uint32_t *count,
                        br_error *error)
{
    uint32_t wanted = fine ? 100 : 10, found = 0;
    const char *at = (const char *)file->data;
    const char *end = at + file->size;
    int status = 0;
    *count = 0;
    *names = br_new(wanted, sizeof **names, error);
    if (*names == NULL)
        return -1;
    while (end > at && (end[-1] == '\n' || end[-1] == '\r'))
        end--;
    while (at < end && status == 0) {
        const char *line = at, *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop != NULL ? stop : end;
        at = stop < end ? stop + 1 : end;
        size_t length = (size_t)(stop - line);
        if (found < wanted)
            status = add_name(path, line, length - (length > 0 && line[length - 1] == '\r'), *names, found, error);
        found++;
    }
    if (status == 0 && found != wanted)
        status = br_fail(error, BR_ERROR_IO,
                         "%s: %u lines; the classes of %s are %u: give each of them a line, or take the file away",
                         path, found, (fine ? &hundred : &ten)->name, wanted);
    if (status == 0) {
        *count = wanted;
        return 0;
    }
    br_cifar_names_free(*names, wanted);
    *names = NULL;
    return -1;
}

int br_cifar_names(const char *path, bool fine, char ***names, uint32_t *count, br_error *error)
{
    const char *name = (fine ? &hundred : &ten)->names_file, *slash = strrchr(path, '/');
    int folder = slash != NULL ? (int)(slash + 1 - path) : 0;
    uint64_t size = (uint64_t)folder + strlen(name) + 1;
    struct stat facts;
    br_bytes file;
    *names = NULL;
    *count = 0;
    char *beside = br_new(size, 1, error);
    if (beside == NULL)
        return -1;
    snprintf(beside, size, "%.*s%s", folder, path, name);
    int status = 0;
    if (stat(beside, &facts) == 0) {
        status = br_bytes_read(beside, NAMES_LIMIT, &file, error);
        if (status == 0) {
            status = br_cifar_name_lines(beside, &file, fine, names, count, error);
            br_bytes_free(&file);
        }
    }
    br_release(beside);
    return status;
}
