/* NPY, the format of numpy: "\x93NUMPY", the version, the length of the header, the header (a Python dictionary of
 * three keys), then the values. https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
#include "data/formats/npy.h"

#include <ctype.h>
#include <string.h>

#include "base/memory.h"
#include "data/formats/readers.h"
#include "data/formats/typed_labels.h"

#define MAGIC         "\x93NUMPY"
#define MAGIC_BYTES   6
#define HEADER_LIMIT  (BR_NPY_HEADER_MOST - 12)
#define LETTERS_LIMIT 1024u /* of a word */

/* The header's text while it is read. */
typedef struct npy {
    const char *path;
    const br_bytes *file;
    const char *at, *end; /* the part of the header still to be read */
    uint32_t seen;        /* one bit for each key */
    br_typed *out;
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

static int unknown_type(const npy *n)
{
    const char *type = n->out->type;
    if (strchr(type, 'O') != NULL)
        return br_fail(n->error, BR_ERROR_IO,
                       "%s: the array holds Python objects; save it as numbers, with .astype('f4') for example",
                       n->path);
    return br_fail(n->error, BR_ERROR_IO,
                   "%s: arrays of type %s are not read; save it as u1, i4 or f4, with .astype('f4') for example",
                   n->path, type);
}

/* An order (< little-endian, > big-endian, | none), a letter, and a size: in bytes, of U in code points. */
static int read_descr(npy *n)
{
    static const struct {
        char letter;
        br_kind kind;
        uint32_t sizes; /* the allowed ones, one bit for each; 0: a word */
    } kinds[] = {{'b', BR_KIND_BOOL, 1},
                 {'u', BR_KIND_UNSIGNED, 1 | 2 | 4 | 8},
                 {'i', BR_KIND_SIGNED, 1 | 2 | 4 | 8},
                 {'f', BR_KIND_FLOAT, 2 | 4 | 8},
                 {'S', BR_KIND_BYTES, 0},
                 {'U', BR_KIND_UNICODE, 0}};
    char *type = n->out->type;
    if (!take_string(n, type, sizeof n->out->type))
        return fail_here(n, "the array's type is not a plain one; save it as u1, i4 or f4");
    uint32_t size = 0, digits = 0;
    for (const char *at = type; digits < 5 && strlen(type) > 2 && isdigit((unsigned char)at[2 + digits]); digits++)
        size = 10 * size + (uint32_t)(at[2 + digits] - '0');
    if (digits == 0 || type[2 + digits] != '\0' || strchr("<>|", type[0]) == NULL || size == 0)
        return unknown_type(n);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        bool word = kinds[i].sizes == 0, power = (size & (size - 1)) == 0;
        if (type[1] != kinds[i].letter || (word ? size > LETTERS_LIMIT : !power || !(kinds[i].sizes & size)))
            continue;
        bool ordered = kinds[i].kind == BR_KIND_UNICODE || (!word && size > 1);
        if (ordered && type[0] == '|')
            continue;
        n->out->kind = kinds[i].kind;
        n->out->size = kinds[i].kind == BR_KIND_UNICODE ? 4 * size : size;
        n->out->big = type[0] == '>';
        return 0;
    }
    return unknown_type(n);
}

static int read_order(npy *n)
{
    if (take_word(n, "True"))
        n->out->shape.fortran = true;
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
        if (n->out->shape.count == BR_DIMENSIONS)
            return fail_here(n, "the array has too many dimensions");
        uint64_t size = 0;
        for (; n->at < n->end && isdigit((unsigned char)*n->at); n->at++)
            if (!br_multiply(size, 10, &size) || !br_add(size, (uint64_t)(*n->at - '0'), &size))
                return fail_here(n, "a size in the shape is impossibly large");
        n->out->shape.size[n->out->shape.count++] = size;
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
        return fail_here(n, "an archive of arrays: write `npz` instead of `npy`, or save one array with numpy.save");
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
    n->out->byte = before + length;
    n->out->values = file->data + before + length;
    return 0;
}

/* The values must fill the rest of the file exactly. */
static int check_size(npy *n, uint64_t whole)
{
    br_typed *out = n->out;
    uint64_t bytes, held = whole - out->byte;
    out->count = 1;
    for (uint32_t i = 0; i < out->shape.count; i++)
        if (!br_multiply(out->count, out->shape.size[i], &out->count))
            return br_fail(n->error, BR_ERROR_IO, "%s: the shape in the header is impossibly large", n->path);
    if (!br_multiply(out->count, out->size, &bytes))
        return br_fail(n->error, BR_ERROR_IO, "%s: the shape in the header is impossibly large", n->path);
    if (out->count == 0)
        return br_fail(n->error, BR_ERROR_IO, "%s: the array is empty: its shape is %s", n->path,
                       br_dimensions_write(&out->shape).text);
    if (held < bytes)
        return br_fail(n->error, BR_ERROR_IO,
                       "%s: byte %llu: the file ends %llu bytes before the array does; it is cut short", n->path,
                       (unsigned long long)whole, (unsigned long long)(bytes - held));
    if (held > bytes)
        return br_fail(n->error, BR_ERROR_IO, "%s: byte %llu: %llu bytes follow the array", n->path,
                       (unsigned long long)(whole - (held - bytes)), (unsigned long long)(held - bytes));
    return 0;
}

int br_npy_open(const char *path, const br_bytes *head, uint64_t whole, br_typed *out, br_error *error)
{
    *out = (br_typed){.path = path};
    npy n = {.path = path, .file = head, .out = out, .error = error};
    return find_header(&n) != 0 || read_dictionary(&n) != 0 || check_size(&n, whole) != 0 ? -1 : 0;
}

int br_npy_inputs(const char *path, const br_bytes *file, bt_shape shape, br_notes *notes, br_array *out,
                  br_error *error)
{
    br_typed array;
    *out = (br_array){0};
    return br_npy_open(path, file, file->size, &array, error) != 0 ? -1
                                                                   : br_typed_inputs(&array, shape, notes, out, error);
}

int br_npy_labels(const char *path, const br_bytes *file, uint32_t classes, br_labels *out, br_error *error)
{
    br_typed array;
    *out = (br_labels){0};
    return br_npy_open(path, file, file->size, &array, error) != 0 ? -1 : br_typed_labels(&array, classes, out, error);
}
