/* Which tensors a network has, and their shapes: what writing lays out and restoring asks for. */
#include "model/store.h"

static br_store_shape weights_of(const br_layer_code *layer)
{
    if (layer->kind == BR_LAYER_CONV)
        return (br_store_shape){4, {layer->neurons, layer->field_height, layer->field_width, layer->in.channels}};
    return (br_store_shape){2, {layer->neurons, layer->inputs}};
}

br_store_shape br_store_shape_of(const br_model *model, uint64_t encoder_count, uint32_t layer, br_tensor_kind kind)
{
    static const br_store_shape none = {0};
    if (layer == BR_INPUT)
        return kind == BR_TENSOR_ENCODER && encoder_count ? (br_store_shape){1, {encoder_count}} : none;
    const br_layer_code *code = &model->layers[layer];
    bool pool = code->kind == BR_LAYER_POOL;
    switch (kind) {
    case BR_TENSOR_ALPHA:
    case BR_TENSOR_SIGN:
        return pool ? none : weights_of(code);
    case BR_TENSOR_THETA:
        return pool ? none : (br_store_shape){1, {code->neurons}};
    case BR_TENSOR_CONSCIENCE:
        return code->depress ? (br_store_shape){1, {code->neurons}} : none;
    case BR_TENSOR_CALIBRATION:
        return code->calibrates ? (br_store_shape){1, {1}} : none;
    case BR_TENSOR_ENCODER:
    case BR_TENSOR_KINDS:
        break;
    }
    return none;
}
