/* The table of inference methods, read from bouton/method.def. */
#include "engine/methods.h"

br_method br_method_of(const br_layer_code *code, bt_method method)
{
    switch (method) {
#define METHOD(id, prepare, sum, arrays, inference_only)                                                               \
    case BT_METHOD_##id:                                                                                               \
        return (br_method){code->kernels.prepare, code->kernels.sum, arrays, inference_only};
#include "bouton/method.def"
#undef METHOD
    }
    return (br_method){0};
}

bool br_method_served(const br_layer_code *code, bt_method method)
{
    switch (method) {
    case BT_METHOD_EVENTS:
        return true;
    case BT_METHOD_DENSE:
        return code->layout.dense_above < 1;
    case BT_METHOD_PACKED:
        return code->layout.packed_above < 1;
    case BT_METHOD_INT8:
        return code->layout.int8.sample_stride > 0;
    }
    return false;
}

uint32_t br_method_group(const br_layer_code *code, bt_method method)
{
    return method == BT_METHOD_PACKED ? code->layout.transposed_samples : 1;
}

uint64_t br_transposed_group(const br_layer_code *code)
{
    if (code->parameters.whole)
        return code->layout.fields;
    if (code->kind == BT_LAYER_CONV)
        return br_has_border(code->shape.in, code->shape.padded) ? code->shape.padded.sample_stride : 0;
    return (uint64_t)code->shape.in.sample_stride * code->layout.transposed_samples;
}

uint32_t br_method_arrays(const br_layer_code *code, bool learning)
{
    uint32_t arrays = 0;
    for (int i = 0; i < BT_METHODS; i++) {
        br_method method = br_method_of(code, (bt_method)i);
        if (br_method_served(code, (bt_method)i) && !(learning && method.inference_only))
            arrays |= method.arrays;
    }
    return arrays;
}

int br_method_make(const br_network *network, uint32_t layer, bt_method method, br_error *error)
{
    const br_model *model = network->model;
    const br_layer_code *code = &model->layers[layer];
    if (br_method_of(code, method).sum)
        return 0;
    if (!br_method_served(code, method) || !model->make_method)
        return br_fail(error, BR_ERROR_CHECK, "layer %s: has no %s method", code->name, bt_method_word(method));
    return model->make_method(model->maker, layer, method, error);
}
