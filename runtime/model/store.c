/* Code shared by writing and reading model files: the shapes of the tensors, reading bytes, and messages. */
#include "model/store.h"

#include <errno.h>
#include <string.h>

/* ---- shapes ---- */

static br_store_shape weights_of(const br_layer_code *layer)
{
    if (layer->kind == BT_LAYER_CONV)
        return (br_store_shape){
            4, {layer->shape.neurons, layer->shape.field_height, layer->shape.field_width, layer->shape.in.channels}};
    return (br_store_shape){2, {layer->shape.neurons, layer->shape.inputs}};
}

br_store_shape br_store_shape_of(const br_model *model, uint64_t encoder_count, uint32_t layer, br_tensor_kind kind)
{
    static const br_store_shape none = {0};
    if (layer == BT_INPUT)
        return kind == BR_TENSOR_ENCODER && encoder_count ? (br_store_shape){1, {encoder_count}} : none;
    const br_layer_code *code = &model->layers[layer];
    bool pool = code->kind == BT_LAYER_POOL;
    switch (kind) {
    case BR_TENSOR_ALPHA:
    case BR_TENSOR_SIGN:
        return pool ? none : weights_of(code);
    case BR_TENSOR_THETA:
        return pool ? none : (br_store_shape){1, {code->shape.neurons}};
    case BR_TENSOR_GAIN:
        return code->parameters.homeostasis ? (br_store_shape){1, {code->shape.neurons}} : none;
    case BR_TENSOR_CONSCIENCE:
        return code->kernels.depress && !pool ? (br_store_shape){1, {code->shape.neurons}} : none;
    case BR_TENSOR_CALIBRATION:
        return code->parameters.calibrates ? (br_store_shape){1, {1}} : none;
    case BR_TENSOR_SHARPNESS:
        return layer == br_last_layer(model) ? (br_store_shape){1, {1}} : none;
    case BR_TENSOR_ENCODER:
    case BR_TENSOR_KINDS:
        break;
    }
    return none;
}

/* ---- reading and messages ---- */

br_shown br_show(const char *name)
{
    br_shown result;
    size_t i = 0;
    for (; i < sizeof result.text - 1 && name[i] != '\0'; i++)
        result.text[i] = br_visible(name[i]);
    result.text[i] = '\0';
    return result;
}

int br_store_cut_short(const br_model_file *file, const char *who, uint64_t promised, uint64_t size, br_error *error)
{
    return br_fail(error, BR_ERROR_IO, "%s: is cut short: %s %llu bytes, the file has %llu; use a complete copy",
                   file->path, who, (unsigned long long)promised, (unsigned long long)size);
}

int br_store_read_bytes(const br_model_file *file, FILE *from, void *to, uint64_t count, br_error *error)
{
    if (fread(to, 1, count, from) == count)
        return 0;
    int cause = errno;
    if (ferror(from))
        return br_fail(error, BR_ERROR_IO, "%s: can't be read: %s", file->path, strerror(cause));
    return br_fail(error, BR_ERROR_IO, "%s: got shorter while it was read; try again", file->path);
}
