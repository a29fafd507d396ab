/* The tensors of a model file. The header's entries are checked, the bytes are read, and a network with exactly these
 * layers is restored. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/network.h"
#include "model/store.h"

/* ---- checking ---- */

static int bad_tensor(const br_model_file *file, const char *name, const char *what, br_error *error)
{
    return br_fail(error, BR_ERROR_IO, "%s: is damaged: tensor %s %s", file->path, br_show(name).text, what);
}

static bool kind_of(const char *name, br_tensor_kind *out)
{
    const char *dot = strrchr(name, '.');
    for (br_tensor_kind kind = 0; dot && dot != name && kind < BR_TENSOR_KINDS; kind++) {
        if (strcmp(dot + 1, br_tensor_layout_of(kind)->suffix) == 0) {
            *out = kind;
            return true;
        }
    }
    return false;
}

/* Element `i` of a JSON array as a number of at least `least`; false for anything else. */
static bool array_number(const json_t *array, size_t i, json_int_t least, uint64_t *out)
{
    const json_t *number = json_array_get(array, i);
    if (!json_is_integer(number) || json_integer_value(number) < least)
        return false;
    *out = (uint64_t)json_integer_value(number);
    return true;
}

/* One entry of the header: {"dtype": ..., "shape": [...], "data_offsets": [begin, end]}, for a known tensor. */
static int read_entry(const br_model_file *file, const char *name, const json_t *entry, br_stored *out, br_error *error)
{
    out->name = name;
    if (!kind_of(name, &out->kind))
        return bad_tensor(file, name, "is none that bouton knows", error);
    const br_tensor_layout *form = br_tensor_layout_of(out->kind);
    const char *dtype = json_string_value(json_object_get(entry, "dtype"));
    const json_t *shape = json_object_get(entry, "shape"), *offsets = json_object_get(entry, "data_offsets");
    if (json_object_size(entry) != 3 || !dtype || !json_is_array(shape) || !json_is_array(offsets))
        return bad_tensor(file, name, "is not described by dtype, shape and data_offsets alone", error);
    if (strcmp(dtype, form->dtype) != 0)
        return br_fail(error, BR_ERROR_IO, "%s: is damaged: tensor %s has dtype %s, not %s", file->path,
                       br_show(name).text, br_show(dtype).text, form->dtype);
    uint32_t rank = out->kind == BR_TENSOR_ALPHA || out->kind == BR_TENSOR_SIGN ? 2 : 1;
    if (json_array_size(shape) != rank && !(rank == 2 && json_array_size(shape) == 4))
        return br_fail(error, BR_ERROR_IO, "%s: is damaged: the shape of tensor %s has %zu dimensions, not %u",
                       file->path, br_show(name).text, json_array_size(shape), rank);
    uint64_t bytes = form->size;
    out->shape.rank = (uint32_t)json_array_size(shape);
    for (uint32_t i = 0; i < out->shape.rank; i++) {
        if (!array_number(shape, i, 1, &out->shape.sides[i]) || !br_multiply(bytes, out->shape.sides[i], &bytes))
            return bad_tensor(file, name, "has a dimension that can't be", error);
    }
    if (json_array_size(offsets) != 2 || !array_number(offsets, 0, 0, &out->begin) ||
        !array_number(offsets, 1, 0, &out->end) || out->end < out->begin)
        return bad_tensor(file, name, "has data_offsets that are not a begin and an end", error);
    if (out->end - out->begin != bytes)
        return br_fail(error, BR_ERROR_IO, "%s: is damaged: tensor %s has room for %llu bytes, its shape takes %llu",
                       file->path, br_show(name).text, (unsigned long long)(out->end - out->begin),
                       (unsigned long long)bytes);
    return 0;
}

static int by_begin(const void *a, const void *b)
{
    const br_stored *first = a, *second = b;
    return (first->begin > second->begin) - (first->begin < second->begin);
}

int br_store_read_entries(br_model_file *file, br_error *error)
{
    const char *name;
    json_t *entry;
    file->tensors = br_new(json_object_size(file->header), sizeof *file->tensors, error);
    if (!file->tensors)
        return -1;
    json_object_foreach(file->header, name, entry)
    {
        if (strcmp(name, BR_STORE_METADATA) == 0)
            continue;
        if (read_entry(file, name, entry, &file->tensors[file->tensor_count], error) != 0)
            return -1;
        file->tensor_count++;
    }
    if (file->tensor_count > 0)
        qsort(file->tensors, file->tensor_count, sizeof *file->tensors, by_begin);
    return 0;
}

/* The format allows no gap, no overlap and nothing after the last tensor. */
int br_store_check_cover(const br_model_file *file, uint64_t data_bytes, uint64_t size, br_error *error)
{
    uint64_t at = 0;
    for (uint32_t i = 0; i < file->tensor_count; i++) {
        const br_stored *t = &file->tensors[i];
        if (t->begin != at)
            return br_fail(error, BR_ERROR_IO, "%s: is damaged: tensor %s begins at byte %llu, where %llu is due (%s)",
                           file->path, br_show(t->name).text, (unsigned long long)t->begin, (unsigned long long)at,
                           t->begin > at ? "a hole" : "an overlap");
        at = t->end;
    }
    uint64_t promised = size - data_bytes + at; /* both are below 2^63 */
    if (at > data_bytes)
        return br_store_cut_short(file, "its header promises", promised, size, error);
    if (at < data_bytes)
        return br_fail(error, BR_ERROR_IO, "%s: is damaged: its header promises %llu bytes, the file has %llu",
                       file->path, (unsigned long long)promised, (unsigned long long)size);
    return 0;
}

/* Each tensor is allocated separately, so that it is aligned whatever its offset. */
int br_store_read_tensors(br_model_file *file, FILE *from, br_error *error)
{
    for (uint32_t i = 0; i < file->tensor_count; i++) {
        br_stored *t = &file->tensors[i];
        t->bytes = br_new(t->end - t->begin, 1, error);
        if (!t->bytes || br_store_read_bytes(file, from, t->bytes, t->end - t->begin, error) != 0)
            return -1;
        if (t->kind == BR_TENSOR_ENCODER) {
            file->facts.encoder = t->bytes;
            file->facts.encoder_count = t->shape.sides[0];
        }
    }
    return 0;
}

/* ---- restoring ---- */

/* A tensor of a layer, or NULL. Names are compared in parts, so that no string has to be built. */
static const br_stored *find(const br_model_file *file, const char *layer, br_tensor_kind kind)
{
    size_t length = strlen(layer);
    for (uint32_t i = 0; i < file->tensor_count; i++) {
        const br_stored *t = &file->tensors[i];
        if (t->kind == kind && strncmp(t->name, layer, length) == 0 && t->name[length] == '.' &&
            strcmp(t->name + length + 1, br_tensor_layout_of(kind)->suffix) == 0)
            return t;
    }
    return NULL;
}

typedef struct shape_text {
    char text[96];
} shape_text;

static shape_text show_shape(const br_store_shape *shape)
{
    shape_text out = {"["};
    for (uint32_t i = 0; i < shape->rank; i++) {
        size_t used = strlen(out.text);
        snprintf(out.text + used, sizeof out.text - used, "%s%llu%s", i ? ", " : "",
                 (unsigned long long)shape->sides[i], i + 1 == shape->rank ? "]" : "");
    }
    return out;
}

static bool same_shape(const br_store_shape *a, const br_store_shape *b)
{
    bool same = a->rank == b->rank;
    for (uint32_t i = 0; same && i < a->rank; i++)
        same = a->sides[i] == b->sides[i];
    return same;
}

/* Finds all tensors of a layer and checks that they have the shapes of this network. *count grows by their number. */
static int find_layer(const br_model_file *file, const br_model *model, uint32_t layer,
                      const br_stored *out[BR_TENSOR_KINDS], uint32_t *count, br_error *error)
{
    const char *name = layer == BT_INPUT ? "input" : model->layers[layer].name;
    for (br_tensor_kind kind = 0; kind < BR_TENSOR_KINDS; kind++) {
        const char *suffix = br_tensor_layout_of(kind)->suffix;
        br_store_shape wanted = br_store_shape_of(model, file->facts.encoder_count, layer, kind);
        const br_stored *t = out[kind] = wanted.rank ? find(file, name, kind) : NULL;
        if (wanted.rank == 0)
            continue;
        if (!t)
            return br_fail(error, BR_ERROR_CHECK, "%s: is from another network: it holds no tensor %s.%s", file->path,
                           name, suffix);
        if (!same_shape(&t->shape, &wanted))
            return br_fail(error, BR_ERROR_CHECK,
                           "%s: is from another network: the shape of %s.%s is %s there, %s here", file->path, name,
                           suffix, show_shape(&t->shape).text, show_shape(&wanted).text);
        (*count)++;
    }
    return 0;
}

static int restore_sharpness(const br_model_file *file, br_network *network, const br_stored *found, br_error *error)
{
    float sharpness = *(const float *)found->bytes;
    if (!(sharpness >= BR_SHARPNESS_LEAST && sharpness <= BR_SHARPNESS_MOST))
        return br_fail(error, BR_ERROR_IO, "%s: its sharpness is %g, outside [%g, %g]; the file is damaged", file->path,
                       (double)sharpness, (double)BR_SHARPNESS_LEAST, (double)BR_SHARPNESS_MOST);
    network->sharpness = sharpness;
    return 0;
}

/* Restores the values that br_network_import does not cover: the handicaps of filters and the scale of a summing pool.
 */
static int restore_numbers(const br_model_file *file, br_network *network, uint32_t layer,
                           const br_stored *const found[BR_TENSOR_KINDS], br_error *error)
{
    const br_layer_code *code = &network->model->layers[layer];
    br_layer_bounds *to = &network->layers[layer];
    const float *conscience = found[BR_TENSOR_CONSCIENCE] ? found[BR_TENSOR_CONSCIENCE]->bytes : NULL;
    const float *calibration = found[BR_TENSOR_CALIBRATION] ? found[BR_TENSOR_CALIBRATION]->bytes : NULL;
    for (uint32_t k = 0; conscience && k < code->shape.neurons; k++) {
        if (!isfinite(conscience[k]))
            return br_fail(error, BR_ERROR_IO,
                           "%s: layer %s, filter %u: its conscience is not finite; the file is damaged", file->path,
                           code->name, k);
        to->conscience[k] = conscience[k];
    }
    if (calibration) {
        if (!isfinite(*calibration) || *calibration <= 0)
            return br_fail(error, BR_ERROR_IO, "%s: layer %s: its calibration is %g, not above 0; the file is damaged",
                           file->path, code->name, (double)*calibration);
        to->calibration = *calibration;
        to->calibrated = true;
    }
    return 0;
}

/* Nothing is imported before all layers are known to match. */
int br_model_restore(const br_model_file *file, br_network *network, br_error *error)
{
    const br_model *model = br_network_model(network);
    const br_stored *found[BR_TENSOR_KINDS];
    const br_stored *sharpness = NULL;
    uint32_t count = 0, ignored = 0;
    for (uint32_t l = 0; l <= br_stored_layers(model); l++)
        if (find_layer(file, model, l < br_stored_layers(model) ? l : BT_INPUT, found, &count, error) != 0)
            return -1;
    if (file->tensor_count != count)
        return br_fail(error, BR_ERROR_CHECK, "%s: is from another network: it holds %u tensors, this one has %u",
                       file->path, file->tensor_count, count);
    for (uint32_t l = 0; l < br_stored_layers(model); l++) {
        br_error cause;
        if (find_layer(file, model, l, found, &ignored, error) != 0)
            return -1;
        if (found[BR_TENSOR_ALPHA] &&
            br_network_import(network, l, found[BR_TENSOR_ALPHA]->bytes, found[BR_TENSOR_SIGN]->bytes,
                              found[BR_TENSOR_THETA]->bytes, &cause) != 0)
            return br_fail(error, cause.kind, "%s: %s", file->path, cause.message);
        if (found[BR_TENSOR_GAIN] && br_network_set_gains(network, l, found[BR_TENSOR_GAIN]->bytes, &cause) != 0)
            return br_fail(error, cause.kind, "%s: %s", file->path, cause.message);
        if (restore_numbers(file, network, l, found, error) != 0)
            return -1;
        sharpness = found[BR_TENSOR_SHARPNESS] ? found[BR_TENSOR_SHARPNESS] : sharpness;
    }
    return restore_sharpness(file, network, sharpness, error);
}
