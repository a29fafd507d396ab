/* The parts of a model file: names, types and limits that writing and reading share.
 *
 * A .safetensors file is an 8-byte little-endian header length, a JSON header of that length (padded with spaces to a
 * multiple of 8 bytes), then the bytes of the tensors without gaps. A model file holds LAYER.alpha, LAYER.theta and
 * LAYER.sign for every layer with connections, LAYER.conscience for layers with `depress`, LAYER.calibration for
 * summing pools, LAYER.sharpness for the last layer, and input.encoder if an encoding learned something. Everything else
 * is metadata, all strings. */
#ifndef BR_STORE_H
#define BR_STORE_H

#include <jansson.h>
#include <stdint.h>

#include "bouton/runtime.h"

/* Tensors are written in the byte order of memory. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "model files are little-endian");

#define BR_STORE_FORMAT       "bouton"
#define BR_STORE_LENGTH_BYTES 8u
#define BR_STORE_HEADER_LIMIT (64u << 20) /* bytes of JSON */
#define BR_STORE_METADATA     "__metadata__"

/* id, key; in the order of writing. */
#define BR_STORE_KEYS(X)                                                                                               \
    X(FORMAT, "format")                                                                                                \
    X(VERSION, "bouton.version")                                                                                       \
    X(INTERFACE, "bouton.interface")                                                                                   \
    X(NETWORK, "bouton.network")                                                                                       \
    X(SOURCE, "bouton.source")                                                                                         \
    X(SEED, "bouton.seed")                                                                                             \
    X(DATA_HASH, "bouton.data_hash")                                                                                   \
    X(PHASE, "bouton.phase")                                                                                           \
    X(EPOCH, "bouton.epoch")                                                                                           \
    X(LINES, "bouton.lines")                                                                                           \
    X(SCHEMA, "bouton.schema")                                                                                         \
    X(HISTORY, "bouton.history")

#define BR_STORE_KEY_ID(id, key) BR_KEY_##id,
typedef enum br_store_key { BR_STORE_KEYS(BR_STORE_KEY_ID) BR_STORE_KEY_COUNT } br_store_key;
#undef BR_STORE_KEY_ID

/* id, suffix after the layer's name and a dot, dtype, bytes of one element. Wider elements come first: in this order,
 * every tensor of a file is aligned to its element. br_store_shape_of gives the layers that have a tensor, and its
 * shape. */
#define BR_STORE_TENSORS(X)                                                                                            \
    X(ALPHA, "alpha", "F32", 4)                                                                                        \
    X(THETA, "theta", "F32", 4)                                                                                        \
    X(GAIN, "gain", "F32", 4)                                                                                          \
    X(CONSCIENCE, "conscience", "F32", 4)                                                                              \
    X(CALIBRATION, "calibration", "F32", 4)                                                                            \
    X(SHARPNESS, "sharpness", "F32", 4)                                                                                \
    X(ENCODER, "encoder", "F32", 4)                                                                                    \
    X(SIGN, "sign", "I8", 1)

#define BR_STORE_TENSOR_ID(id, suffix, dtype, size) BR_TENSOR_##id,
typedef enum br_tensor_kind { BR_STORE_TENSORS(BR_STORE_TENSOR_ID) BR_TENSOR_KINDS } br_tensor_kind;
#undef BR_STORE_TENSOR_ID

typedef struct br_tensor_layout {
    const char *suffix, *dtype;
    uint32_t size; /* bytes of one element */
} br_tensor_layout;

static inline const char *br_store_key_text(br_store_key key)
{
#define BR_STORE_KEY_TEXT(id, key) key,
    static const char *const texts[] = {BR_STORE_KEYS(BR_STORE_KEY_TEXT)};
#undef BR_STORE_KEY_TEXT
    return texts[key];
}

static inline const br_tensor_layout *br_tensor_layout_of(br_tensor_kind kind)
{
#define BR_STORE_TENSOR_LAYOUT(id, suffix, dtype, size) {suffix, dtype, size},
    static const br_tensor_layout layouts[] = {BR_STORE_TENSORS(BR_STORE_TENSOR_LAYOUT)};
#undef BR_STORE_TENSOR_LAYOUT
    return &layouts[kind];
}

typedef struct br_store_shape {
    uint32_t rank; /* 0: no such tensor */
    uint64_t sides[4];
} br_store_shape;

/* A file holds the first so many layers of a model. */
static inline uint32_t br_stored_layers(const br_model *model)
{
    return model->keeps_readouts ? model->layer_count : br_path_layers(model);
}

/* The shape of a layer's tensor of one kind: [neurons, inputs], [filters, height, width, channels], [neurons] or [1].
 * The encoder of the input is found under layer BT_INPUT. */
br_store_shape br_store_shape_of(const br_model *model, uint64_t encoder_count, uint32_t layer, br_tensor_kind kind);

typedef struct br_stored { /* one tensor of the file */
    const char *name;      /* owned by the header */
    br_tensor_kind kind;
    br_store_shape shape;
    uint64_t begin, end; /* within the data section */
    void *bytes;
} br_stored;

struct br_model_file {
    char *path;
    json_t *header;
    br_file_facts facts;
    uint64_t hash; /* of all its bytes */
    uint32_t tensor_count;
    br_stored *tensors; /* in ascending order of begin */
};

/* A name from the file for use in a message: control characters are replaced, and the length is limited. */
typedef struct br_shown {
    char text[64];
} br_shown;

br_shown br_show(const char *name);

/* Reads `count` bytes, or fails with the reason. */
int br_store_read_bytes(const br_model_file *file, FILE *from, void *to, uint64_t count, br_error *error);

/* Fails with the message that `who` promises more bytes than the file has. */
int br_store_cut_short(const br_model_file *file, const char *who, uint64_t promised, uint64_t size, br_error *error);

/* store_read.c */
/* Opens a file to read it; a pipe is not waited for. NULL: failed, with `missing` since there is no such file. */
FILE *br_store_open(const char *path, bool *missing, br_error *error);

/* Reads and checks a whole file of `size` bytes from a stream at its beginning; file->path is for messages. Also on
 * failure, br_model_close frees the parts already read. */
int br_store_read(br_model_file *file, FILE *from, uint64_t size, br_error *error);

/* store_tensors.c */
int br_store_read_entries(br_model_file *file, br_error *error);
int br_store_check_cover(const br_model_file *file, uint64_t data_bytes, uint64_t size, br_error *error);
int br_store_read_tensors(br_model_file *file, FILE *from, br_error *error);

#endif
