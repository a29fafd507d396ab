/* NPY, the format of numpy: "\x93NUMPY", the version, the length of the header, the header (a Python dictionary of
 * three keys), then the values. https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "data/formats/readers.h"

#define MAGIC        "\x93NUMPY"
#define MAGIC_BYTES  6
#define HEADER_LIMIT 65536u
#define DIMENSIONS   8

typedef enum kind { KIND_BYTE, KIND_SIGNED, KIND_UNSIGNED, KIND_FLOAT } kind;

static const struct dtype {
    char text[4];
    uint8_t size;
    kind kind;
} dtypes[] = {
    {"|b1", 1, KIND_BYTE},     {"|u1", 1, KIND_BYTE},   {"|i1", 1, KIND_SIGNED},   {"<i2", 2, KIND_SIGNED},
    {"<u2", 2, KIND_UNSIGNED}, {"<i4", 4, KIND_SIGNED}, {"<u4", 4, KIND_UNSIGNED}, {"<i8", 8, KIND_SIGNED},
    {"<u8", 8, KIND_UNSIGNED}, {"<f4", 4, KIND_FLOAT},  {"<f8", 8, KIND_FLOAT},
};

/* The header's text while it is read, and the values found in it. */
typedef struct npy {
    const char *path;
    const br_bytes *file;
    const char *at, *end; /* the part of the header still to be read */
    const struct dtype *type;
    bool fortran;
    uint32_t seen; /* one bit for each key */
    uint32_t dimensions;
    uint64_t shape[DIMENSIONS];
    uint64_t count;        /* of values */
    const uint8_t *values; /* after the header */
    br_error *error;
} npy;

enum { KEY_DESCR = 1, KEY_ORDER = 2, KEY_SHAPE = 4 };

bool br_npy_is(const br_bytes *file)
{
    return file->size >= MAGIC_BYTES && memcmp(file->data, MAGIC, MAGIC_BYTES) == 0;
}

static int fail_here(const npy *n, const char *what)
{
    return br_fail(n->error, BR_ERROR_IO, "%s: byte %llu: %s", n->path,
                   (unsigned long long)((const uint8_t *)n->at - n->file->data), what);
}

static void skip_blanks(npy *n)
{
    while (n->at < n->end && isspace((unsigned char)*n->at))
        n->at++;
}

/* Consumes the character if it comes next. */
static bool take(npy *n, char c)
{
    skip_blanks(n);
    if (n->at == n->end || *n->at != c)
        return false;
    n->at++;
    return true;
}

static bool take_word(npy *n, const char *word)
{
    size_t length = strlen(word);
    skip_blanks(n);
    if ((size_t)(n->end - n->at) < length || memcmp(n->at, word, length) != 0)
        return false;
    n->at += length;
    return true;
}

/* A quoted string without escapes, truncated to the size of `out`. */
static bool take_string(npy *n, char *out, size_t size)
{
    skip_blanks(n);
    if (n->at == n->end || (*n->at != '\'' && *n->at != '"'))
        return false;
    char quote = *n->at++;
    size_t length = 0;
    for (; n->at < n->end && *n->at != quote; n->at++)
        if (length + 1 < size)
            out[length++] = isprint((unsigned char)*n->at) ? *n->at : '?';
    out[length] = '\0';
    return take(n, quote);
}

static int read_descr(npy *n)
{
    char text[16] = ""; /* zeroed: the letters after the first are compared even if the name is empty */
    if (!take_string(n, text, sizeof text))
        return fail_here(n, "the array's type is not a plain one; save it as u1, i4 or f4");
    for (size_t i = 0; i < sizeof dtypes / sizeof *dtypes; i++)
        if (strcmp(text + 1, dtypes[i].text + 1) == 0 && (text[0] == dtypes[i].text[0] || dtypes[i].size == 1))
            n->type = &dtypes[i];
    if (n->type != NULL)
        return 0;
    if (text[0] == '>')
        return br_fail(n->error, BR_ERROR_IO,
                       "%s: the array is big-endian (%s); save it with .astype('<%s'), for example", n->path, text,
                       text + 1);
    return br_fail(n->error, BR_ERROR_IO,
                   "%s: arrays of type %s are not read; save it as u1, i1 to i8, u2 to u8, f4 or f8", n->path, text);
}

static int read_order(npy *n)
{
    if (take_word(n, "True"))
        n->fortran = true;
    else if (!take_word(n, "False"))
        return fail_here(n, "fortran_order is neither True nor False");
    return 0;
}

static int read_shape(npy *n)
{
    if (!take(n, '('))
        return fail_here(n, "the shape is not a tuple");
    while (!take(n, ')')) {
        skip_blanks(n);
        if (n->at == n->end || !isdigit((unsigned char)*n->at))
            return fail_here(n, "the shape holds something other than whole numbers");
        if (n->dimensions == DIMENSIONS)
            return fail_here(n, "the array has too many dimensions");
        uint64_t size = 0;
        for (; n->at < n->end && isdigit((unsigned char)*n->at); n->at++)
            if (!br_multiply(size, 10, &size) || !br_add(size, (uint64_t)(*n->at - '0'), &size))
                return fail_here(n, "a size in the shape is impossibly large");
        n->shape[n->dimensions++] = size;
        if (!take(n, ',') && (n->at == n->end || *n->at != ')'))
            return fail_here(n, "the shape is not a tuple");
    }
    return 0;
}

static int read_entry(npy *n)
{
    static const struct {
        const char *name;
        uint32_t key;
        int (*read)(npy *);
    } keys[] = {
        {"descr", KEY_DESCR, read_descr}, {"fortran_order", KEY_ORDER, read_order}, {"shape", KEY_SHAPE, read_shape}};
    char name[24];
    if (!take_string(n, name, sizeof name) || !take(n, ':'))
        return fail_here(n, "the header is not a dictionary of descr, fortran_order and shape");
    skip_blanks(n);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(name, keys[i].name) == 0) {
            if (n->seen & keys[i].key)
                return fail_here(n, "the header gives the same key twice");
            n->seen |= keys[i].key;
            return keys[i].read(n);
        }
    return br_fail(n->error, BR_ERROR_IO, "%s: the header has an unknown key `%s`", n->path, name);
}

static int read_dictionary(npy *n)
{
    if (!take(n, '{'))
        return fail_here(n, "the header is not a dictionary");
    while (!take(n, '}')) {
        if (read_entry(n) != 0)
            return -1;
        if (!take(n, ',') && (n->at == n->end || *n->at != '}'))
            return fail_here(n, "the header is not a dictionary of descr, fortran_order and shape");
    }
    skip_blanks(n);
    if (n->at != n->end)
        return fail_here(n, "something follows the header's dictionary");
    if (n->seen != (KEY_DESCR | KEY_ORDER | KEY_SHAPE))
        return fail_here(n, "the header lacks one of descr, fortran_order and shape");
    return 0;
}

/* Finds the header's text by the version's rule: a length of two bytes in version 1, of four in 2 and 3. */
static int find_header(npy *n)
{
    const br_bytes *file = n->file;
    n->at = (const char *)file->data;
    if (file->size >= 2 && memcmp(file->data, "PK", 2) == 0)
        return fail_here(n, "an archive of arrays (.npz), not one array; save the array with numpy.save");
    if (!br_npy_is(file))
        return fail_here(n, "not an NPY file: it does not start with \\x93NUMPY");
    uint64_t before = file->size >= 8 && file->data[6] == 1 ? 10 : 12;
    if (file->size < before)
        return br_fail(n->error, BR_ERROR_IO, "%s: byte %llu: the file ends inside its header", n->path,
                       (unsigned long long)file->size);
    if (file->data[6] < 1 || file->data[6] > 3)
        return br_fail(n->error, BR_ERROR_IO, "%s: byte 6: NPY version %u is unknown; 1 to 3 are supported", n->path,
                       file->data[6]);
    uint64_t length = file->data[6] == 1 ? br_little16(file->data + 8) : br_little32(file->data + 8);
    if (length > HEADER_LIMIT)
        return br_fail(n->error, BR_ERROR_IO, "%s: byte 8: a header of %llu bytes; the limit is %u", n->path,
                       (unsigned long long)length, HEADER_LIMIT);
    if (length > file->size - before)
        return br_fail(n->error, BR_ERROR_IO, "%s: byte %llu: the file ends inside its header", n->path,
                       (unsigned long long)file->size);
    n->at = (const char *)file->data + before;
    n->end = n->at + length;
    n->values = file->data + before + length;
    return 0;
}

/* The values must fill the rest of the file exactly. */
static int check_size(npy *n)
{
    uint64_t bytes, held = n->file->size - (uint64_t)(n->values - n->file->data);
    n->count = 1;
    for (uint32_t i = 0; i < n->dimensions; i++)
        if (!br_multiply(n->count, n->shape[i], &n->count))
            return br_fail(n->error, BR_ERROR_IO, "%s: the shape in the header is impossibly large", n->path);
    if (!br_multiply(n->count, n->type->size, &bytes))
        return br_fail(n->error, BR_ERROR_IO, "%s: the shape in the header is impossibly large", n->path);
    if (n->count == 0)
        return br_fail(n->error, BR_ERROR_IO, "%s: the array is empty", n->path);
    if (held < bytes)
        return br_fail(n->error, BR_ERROR_IO,
                       "%s: byte %llu: the file ends %llu bytes before the array does; it is cut short", n->path,
                       (unsigned long long)n->file->size, (unsigned long long)(bytes - held));
    if (held > bytes)
        return br_fail(n->error, BR_ERROR_IO, "%s: byte %llu: %llu bytes follow the array", n->path,
                       (unsigned long long)(n->file->size - (held - bytes)), (unsigned long long)(held - bytes));
    if (n->fortran && n->dimensions > 1)
        return br_fail(n->error, BR_ERROR_IO, "%s: the array is in Fortran order; save it with numpy.ascontiguousarray",
                       n->path);
    return 0;
}

static int read_header(npy *n, const char *path, const br_bytes *file, br_error *error)
{
    *n = (npy){.path = path, .file = file, .error = error};
    return find_header(n) != 0 || read_dictionary(n) != 0 || check_size(n) != 0 ? -1 : 0;
}

/* Value i as a signed integer; unsigned ones beyond INT64_MAX become negative, which no label may be. */
static int64_t integer_at(const npy *n, uint64_t i)
{
    const uint8_t *at = n->values + i * n->type->size;
    bool is_signed = n->type->kind == KIND_SIGNED;
    switch (n->type->size) {
    case 1:
        return is_signed ? (int8_t)*at : *at;
    case 2:
        return is_signed ? (int16_t)br_little16(at) : br_little16(at);
    case 4:
        return is_signed ? (int32_t)br_little32(at) : (int64_t)br_little32(at);
    default:
        return (int64_t)br_little64(at);
    }
}

static double number_at(const npy *n, uint64_t i)
{
    if (n->type->kind != KIND_FLOAT)
        return n->type->kind == KIND_UNSIGNED ? (double)(uint64_t)integer_at(n, i) : (double)integer_at(n, i);
    if (n->type->size == 4) {
        uint32_t bits = br_little32(n->values + 4 * i);
        float value;
        memcpy(&value, &bits, sizeof value);
        return value;
    }
    uint64_t bits = br_little64(n->values + 8 * i);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static int copy_values(const npy *n, br_array *out)
{
    if (n->type->kind == KIND_BYTE) {
        out->bytes = br_new(n->count, 1, n->error);
        if (out->bytes == NULL)
            return -1;
        memcpy(out->bytes, n->values, n->count);
        return 0;
    }
    out->floats = br_new(n->count, sizeof *out->floats, n->error);
    if (out->floats == NULL)
        return -1;
    for (uint64_t i = 0; i < n->count; i++) {
        out->floats[i] = (float)number_at(n, i);
        if (!isfinite(out->floats[i]))
            return br_fail(
                n->error, BR_ERROR_IO, "%s: byte %llu: value %llu of sample %llu is not a finite 32-bit float", n->path,
                (unsigned long long)(n->values - n->file->data) + i * n->type->size,
                (unsigned long long)(i % br_array_values(out)), (unsigned long long)(i / br_array_values(out)));
    }
    return 0;
}

int br_npy_inputs(const char *path, const br_bytes *file, br_array *out, br_error *error)
{
    *out = (br_array){0};
    npy n;
    if (read_header(&n, path, file, error) != 0)
        return -1;
    const uint64_t *shape = n.shape;
    if (n.dimensions < 2 || n.dimensions > 4)
        return br_fail(error, BR_ERROR_IO,
                       "%s: the array has %u dimensions; samples are [n, values], [n, height, width] or [n, height, "
                       "width, channels]",
                       path, n.dimensions);
    int status = n.dimensions == 2
                     ? br_array_shape(out, path, shape[0], 1, shape[1], 1, error)
                     : br_array_shape(out, path, shape[0], shape[1], shape[2], n.dimensions == 4 ? shape[3] : 1, error);
    if (status == 0)
        status = copy_values(&n, out);
    if (status != 0)
        br_array_free(out);
    return status;
}

int br_npy_labels(const char *path, const br_bytes *file, uint32_t classes, br_labels *out, br_error *error)
{
    *out = (br_labels){0};
    npy n;
    if (read_header(&n, path, file, error) != 0)
        return -1;
    if (n.type->kind == KIND_FLOAT)
        return br_fail(error, BR_ERROR_IO, "%s: labels must be integers, not %s; save them with .astype('u1')", path,
                       n.type->text);
    if (n.dimensions != 1 && !(n.dimensions == 2 && n.shape[1] == 1))
        return br_fail(error, BR_ERROR_IO, "%s: labels have one dimension, not %u; are the two names in order?", path,
                       n.dimensions);
    for (uint64_t i = 0; i < n.count; i++) {
        int64_t label = integer_at(&n, i);
        if (label < 0 || label >= classes)
            return br_label_beyond(path, i, (uint64_t)(n.values - file->data) + i * n.type->size, label, classes,
                                   error);
    }
    out->labels = br_new(n.count, sizeof *out->labels, error);
    if (out->labels == NULL)
        return -1;
    out->count = n.count;
    for (uint64_t i = 0; i < n.count; i++)
        out->labels[i] = (uint32_t)integer_at(&n, i);
    return 0;
}
