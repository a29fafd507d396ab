/* Arrays as files hold them (NPY, IDX): a type, a byte order, a shape, and values that the file owns. */
#ifndef BR_TYPED_H
#define BR_TYPED_H

#include "data/array.h"
#include "data/formats/layout.h"

typedef enum br_kind {
    BR_KIND_BOOL, /* a byte; any but 0 is true */
    BR_KIND_UNSIGNED,
    BR_KIND_SIGNED,
    BR_KIND_FLOAT,  /* IEEE 754, 2, 4 or 8 bytes */
    BR_KIND_BYTES,  /* a word of `size` bytes, zeros at its end */
    BR_KIND_UNICODE /* a word of size / 4 code points, zeros at its end */
} br_kind;

typedef struct br_typed {
    const char *path; /* for messages; borrowed */
    char type[16];    /* as the format calls it, for messages */
    br_kind kind;
    uint32_t size; /* bytes of one value, at least 1; of a number 1, 2, 4 or 8 */
    bool big;      /* numbers and code points are big-endian */
    br_dimensions shape;
    uint64_t count;        /* of values: the product of the dimensions */
    uint64_t byte;         /* of the file, where the values begin */
    const uint8_t *values; /* [count * size], at any address; borrowed */
} br_typed;

/* Number i in the order of the file. Not for words. */
double br_typed_number(const br_typed *array, uint64_t i);

/* Code point i of all words. */
uint32_t br_typed_letter(const br_typed *array, uint64_t i);

/* Whether the values lie in the file as br_array holds them: bytes, in the order of `layout`. */
bool br_typed_is_plain(const br_typed *array, const br_layout *layout);

/* Copies samples of the network's shape. BR_ERROR_IO: words, or a value that is not a finite 32-bit float. */
int br_typed_samples(const br_typed *array, const br_layout *layout, bt_shape shape, br_array *out, br_error *error);

/* Both steps: finds the layout and copies. */
int br_typed_inputs(const br_typed *array, bt_shape shape, br_notes *notes, br_array *out, br_error *error);

#endif
