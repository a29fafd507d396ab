/* Writes a network's state as a .safetensors file: layout, header and tensors, in one atomic file. The same state and
 * facts give the same bytes, because JSON objects keep the order of insertion. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/network.h"
#include "model/store.h"

typedef struct tensor { /* one range of the data section */
    uint32_t layer;
    br_tensor_kind kind;
    br_store_shape shape;
    uint64_t begin, end;
} tensor;

typedef struct writer {
    const char *path;
    const br_network *network;
    const br_model *model;
    const br_file_facts *facts;
    tensor *tensors; /* BR_TENSOR_KINDS for each layer, in the order of the file */
    uint32_t tensor_count;
    FILE *stream;
    float *alpha; /* one layer at a time; large enough for the largest */
    int8_t *sign;
    float *theta;
} writer;

static int fail_memory(br_error *error)
{
    return br_fail(error, BR_ERROR_FAULT, "out of memory while writing a model file");
}

/* ---- layout ---- */

static const char *owner_name(const writer *w, uint32_t layer)
{
    return layer == BT_INPUT ? "input" : w->model->layers[layer].name;
}

static int place(writer *w, uint32_t layer, br_tensor_kind kind, uint64_t *at, br_error *error)
{
    br_store_shape shape = br_store_shape_of(w->model, w->facts->encoder_count, layer, kind);
    uint64_t bytes = br_tensor_layout_of(kind)->size;
    tensor *t = &w->tensors[w->tensor_count];
    if (shape.rank == 0)
        return 0;
    bool fits = true;
    for (uint32_t i = 0; i < shape.rank; i++)
        fits = fits && br_multiply(bytes, shape.sides[i], &bytes);
    *t = (tensor){.layer = layer, .kind = kind, .shape = shape, .begin = *at};
    if (!fits || !br_add(*at, bytes, &t->end) || t->end > INT64_MAX)
        return br_fail(error, BR_ERROR_FAULT, "%s: the network is larger than a model file can be", w->path);
    *at = t->end;
    w->tensor_count++;
    return 0;
}

/* Lays out all tensors of one element size, layer by layer; the widest elements come first. */
static int lay_out(writer *w, br_error *error)
{
    uint64_t at = 0;
    w->tensors = br_new((uint64_t)(br_stored_layers(w->model) + 1) * BR_TENSOR_KINDS, sizeof *w->tensors, error);
    if (!w->tensors)
        return -1;
    for (uint32_t size = 4; size >= 1; size--)
        for (uint32_t l = 0; l <= br_stored_layers(w->model); l++)
            for (br_tensor_kind kind = 0; kind < BR_TENSOR_KINDS; kind++) {
                if (br_tensor_layout_of(kind)->size != size)
                    continue;
                if (place(w, l < br_stored_layers(w->model) ? l : BT_INPUT, kind, &at, error) != 0)
                    return -1;
            }
    return 0;
}

/* ---- header ---- */

/* Adds a string; jansson refuses text that is not UTF-8. */
static int put_text(json_t *object, br_store_key key, const char *text)
{
    return json_object_set_new(object, br_store_key_text(key), json_string(text));
}

static int put_number(json_t *object, br_store_key key, const char *format, uint64_t number)
{
    char text[32];
    snprintf(text, sizeof text, format, (unsigned long long)number);
    return put_text(object, key, text);
}

static json_t *metadata(const br_file_facts *facts)
{
    json_t *object = json_object();
    if (put_text(object, BR_KEY_FORMAT, BR_STORE_FORMAT) != 0 ||
        put_text(object, BR_KEY_VERSION, facts->version) != 0 ||
        put_number(object, BR_KEY_INTERFACE, "%llu", BR_INTERFACE_VERSION) != 0 ||
        put_text(object, BR_KEY_NETWORK, facts->network) != 0 || put_text(object, BR_KEY_SOURCE, facts->source) != 0 ||
        put_number(object, BR_KEY_SEED, "%llu", facts->seed) != 0 ||
        put_number(object, BR_KEY_DATA_HASH, "%016llx", facts->data_hash) != 0 ||
        put_number(object, BR_KEY_PHASE, "%llu", facts->phase) != 0 ||
        put_number(object, BR_KEY_EPOCH, "%llu", facts->epoch) != 0 ||
        (facts->lines && put_text(object, BR_KEY_LINES, facts->lines) != 0) ||
        (facts->schema && put_text(object, BR_KEY_SCHEMA, facts->schema) != 0) ||
        (facts->history && put_text(object, BR_KEY_HISTORY, facts->history) != 0)) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static int put_tensor(json_t *header, const writer *w, const tensor *t, br_error *error)
{
    const char *owner = owner_name(w, t->layer);
    const br_tensor_layout *form = br_tensor_layout_of(t->kind);
    json_t *shape = json_array();
    bool whole = true;
    for (uint32_t i = 0; i < t->shape.rank; i++)
        whole = json_array_append_new(shape, json_integer((json_int_t)t->shape.sides[i])) == 0 && whole;
    json_t *entry = json_pack("{s:s, s:o, s:[I,I]}", "dtype", form->dtype, "shape", shape, "data_offsets",
                              (json_int_t)t->begin, (json_int_t)t->end);
    if (!whole || !entry) {
        json_decref(entry);
        return fail_memory(error);
    }
    uint64_t name_bytes = strlen(owner) + 1 + strlen(form->suffix) + 1;
    char *name = br_new(name_bytes, 1, error);
    if (!name) {
        json_decref(entry);
        return -1;
    }
    snprintf(name, name_bytes, "%s.%s", owner, form->suffix);
    int result = 0;
    if (json_object_get(header, name)) {
        json_decref(entry);
        result = br_fail(error, BR_ERROR_FAULT, "%s: two layers are called %s", w->path, owner);
    } else if (json_object_set_new(header, name, entry) != 0) {
        result = fail_memory(error);
    }
    br_release(name);
    return result;
}

/* The header as JSON text, to be freed with free(). On failure NULL, with *error filled in. */
static char *header_text(const writer *w, br_error *error)
{
    json_t *header = json_object();
    if (json_object_set_new(header, BR_STORE_METADATA, metadata(w->facts)) != 0) {
        br_fail(error, BR_ERROR_CHECK,
                "%s: the network's text holds bytes that are not UTF-8, so it can't be stored, or memory ran out; "
                "correct the text, or rename the file that it names",
                w->path);
        json_decref(header);
        return NULL;
    }
    for (uint32_t i = 0; i < w->tensor_count; i++) {
        if (put_tensor(header, w, &w->tensors[i], error) != 0) {
            json_decref(header);
            return NULL;
        }
    }
    char *text = json_dumps(header, JSON_COMPACT);
    if (!text)
        fail_memory(error);
    json_decref(header);
    return text;
}

/* ---- bytes ---- */

static int put_bytes(const writer *w, const void *bytes, uint64_t count, br_error *error)
{
    if (fwrite(bytes, 1, count, w->stream) == count)
        return 0;
    int cause = errno;
    return br_fail(error, BR_ERROR_IO, "%s: can't be written: %s; the old file, if any, is untouched", w->path,
                   strerror(cause));
}

static int write_header(const writer *w, br_error *error)
{
    static const char spaces[BR_STORE_LENGTH_BYTES] = "        ";
    char *text = header_text(w, error);
    if (!text)
        return -1;
    uint64_t length = strlen(text), padding = -length % BR_STORE_LENGTH_BYTES, whole = length + padding;
    int result = -1;
    if (whole > BR_STORE_HEADER_LIMIT)
        br_fail(error, BR_ERROR_CHECK,
                "%s: the header takes %llu bytes, at most %u are stored; shorten the network's text", w->path,
                (unsigned long long)whole, BR_STORE_HEADER_LIMIT);
    else if (put_bytes(w, &whole, BR_STORE_LENGTH_BYTES, error) == 0 && put_bytes(w, text, length, error) == 0)
        result = put_bytes(w, spaces, padding, error);
    free(text); /* allocated by jansson, not by br_new */
    return result;
}

static int take_buffers(writer *w, br_error *error)
{
    uint64_t connections = 0, neurons = 0;
    for (uint32_t l = 0; l < br_stored_layers(w->model); l++) {
        uint64_t here = (uint64_t)w->model->layers[l].shape.neurons * w->model->layers[l].shape.inputs;
        connections = here > connections ? here : connections;
        neurons = w->model->layers[l].shape.neurons > neurons ? w->model->layers[l].shape.neurons : neurons;
    }
    w->alpha = br_new(connections, sizeof *w->alpha, error);
    w->sign = w->alpha ? br_new(connections, sizeof *w->sign, error) : NULL;
    w->theta = w->sign ? br_new(neurons, sizeof *w->theta, error) : NULL;
    return w->theta ? 0 : -1;
}

static const float *gains_of(const writer *w, uint32_t layer)
{
    if (layer == BT_INPUT || !w->model->layers[layer].parameters.homeostasis)
        return NULL;
    return w->network->layers[layer].theta + w->model->layers[layer].layout.pitch;
}

static int write_tensors(writer *w, br_error *error)
{
    if (take_buffers(w, error) != 0)
        return -1;
    uint32_t held = UINT32_MAX; /* the layer in the buffers */
    for (uint32_t i = 0; i < w->tensor_count; i++) {
        const tensor *t = &w->tensors[i];
        bool weights = t->kind == BR_TENSOR_ALPHA || t->kind == BR_TENSOR_SIGN || t->kind == BR_TENSOR_THETA;
        if (weights && t->layer != held) {
            br_network_export(w->network, t->layer, w->alpha, w->sign, w->theta);
            held = t->layer;
        }
        const br_layer_bounds *layer = t->layer == BT_INPUT ? NULL : &w->network->layers[t->layer];
        const void *const bytes[BR_TENSOR_KINDS] = {[BR_TENSOR_ALPHA] = w->alpha,
                                                    [BR_TENSOR_SIGN] = w->sign,
                                                    [BR_TENSOR_THETA] = w->theta,
                                                    [BR_TENSOR_GAIN] = gains_of(w, t->layer),
                                                    [BR_TENSOR_CONSCIENCE] = layer ? layer->conscience : NULL,
                                                    [BR_TENSOR_CALIBRATION] = layer ? &layer->calibration : NULL,
                                                    [BR_TENSOR_SHARPNESS] = &w->network->sharpness,
                                                    [BR_TENSOR_ENCODER] = w->facts->encoder};
        if (put_bytes(w, bytes[t->kind], t->end - t->begin, error) != 0)
            return -1;
    }
    return 0;
}

static void drop_buffers(writer *w)
{
    br_release(w->alpha);
    br_release(w->sign);
    br_release(w->theta);
    br_release(w->tensors);
}

int br_model_write_as(const char *path, const br_network *network, const br_file_facts *facts, unsigned how,
                      br_error *error)
{
    writer w = {.path = path, .network = network, .model = br_network_model(network), .facts = facts};
    br_atomic_file *file = NULL;
    int result = -1;
    if (lay_out(&w, error) == 0 && br_atomic_open(path, &file, error) == 0) {
        w.stream = br_atomic_stream(file);
        bool kept = !(how & BR_WRITE_KEEP_OLD) || br_atomic_keep_old(file, error) == 0;
        if (kept && write_header(&w, error) == 0 && write_tensors(&w, error) == 0)
            result = how & BR_WRITE_TRY ? br_atomic_try(file, error) : br_atomic_commit(file, error);
        else
            br_atomic_discard(file);
    }
    drop_buffers(&w);
    return result;
}

int br_model_write_to(FILE *to, const char *name, const br_network *network, const br_file_facts *facts,
                      br_error *error)
{
    writer w = {.path = name, .stream = to, .network = network, .model = br_network_model(network), .facts = facts};
    int result = lay_out(&w, error) == 0 && write_header(&w, error) == 0 ? write_tensors(&w, error) : -1;
    drop_buffers(&w);
    return result;
}

int br_model_write(const char *path, const br_network *network, const br_file_facts *facts, br_error *error)
{
    return br_model_write_as(path, network, facts, 0, error);
}
