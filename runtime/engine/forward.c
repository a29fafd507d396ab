/* The forward pass over the graph of layers. */
#include "engine/forward.h"

#include "engine/methods.h"

#include <string.h>

/* One source of a joined layer: where its values are, and where they go. */
typedef struct piece {
    const br_map *from;
    uint64_t places, offset, pitch; /* in the joined map: offset of the channels, and distance from place to place */
    const float *out;
    float *correction;
} piece;

static br_map input_map(const br_model *model)
{
    uint32_t values = model->height * model->width * model->channels;
    uint32_t lanes = model->layers[0].lanes;
    return (br_map){model->height, model->width, model->channels, model->channels,
                    (values + lanes - 1) / lanes * lanes};
}

/* A dense layer reads the values of its sources one after another; other layers read their channels side by side. */
static piece piece_of(const br_work *work, uint32_t layer, uint32_t number, br_map *input, uint64_t *at)
{
    const br_layer_code *code = &work->model->layers[layer];
    uint32_t source = code->sources[number];
    piece p = {.from = source == BT_INPUT ? input : &work->model->layers[source].out, .offset = *at};
    p.places = (uint64_t)p.from->height * p.from->width;
    bool flat = code->kind == BT_LAYER_DENSE;
    p.pitch = flat ? p.from->channels : code->in.pitch;
    *at += flat ? p.places * p.from->channels : p.from->channels;
    p.out = source == BT_INPUT ? work->in : work->layers[source].out;
    p.correction = source == BT_INPUT ? NULL : work->layers[source].correction;
    return p;
}

void br_join(const br_work *work, uint32_t layer, uint32_t n0, uint32_t n1)
{
    const br_layer_code *code = &work->model->layers[layer];
    br_map input = input_map(work->model);
    uint64_t at = 0;
    if (!work->joined[layer])
        return;
    for (uint32_t i = 0; i < code->source_count; i++) {
        piece p = piece_of(work, layer, i, &input, &at);
        for (uint64_t n = n0; n < n1; n++)
            for (uint64_t place = 0; place < p.places; place++)
                memcpy(work->joined[layer] + n * code->in.stride + p.offset + place * p.pitch,
                       p.out + n * p.from->stride + place * p.from->pitch, p.from->channels * sizeof(float));
    }
}

void br_unjoin(const br_work *work, uint32_t layer, uint32_t n0, uint32_t n1)
{
    const br_layer_code *code = &work->model->layers[layer];
    br_map input = input_map(work->model);
    uint64_t at = 0;
    if (!work->joined_correction[layer])
        return;
    for (uint32_t i = 0; i < code->source_count; i++) {
        piece p = piece_of(work, layer, i, &input, &at);
        for (uint64_t n = n0; p.correction && n < n1; n++)
            for (uint64_t place = 0; place < p.places; place++) {
                const float *asked = work->joined_correction[layer] + n * code->in.stride + p.offset + place * p.pitch;
                float *below = p.correction + n * p.from->stride + place * p.from->pitch;
                for (uint32_t c = 0; c < p.from->channels; c++)
                    below[c] += asked[c];
            }
    }
}

bt_method br_method_in(const br_work *work, uint32_t layer)
{
    const br_layer_state *s = &work->layers[layer];
    const br_layer_bounds *bounds = &work->network->layers[layer];
    return s->eight ? BT_METHOD_INT8 : s->packed ? BT_METHOD_PACKED : bounds->training;
}

bool br_has_lists(const br_work *work, uint32_t layer)
{
    bt_method method = br_method_in(work, layer);
    return method == BT_METHOD_EVENTS || (method != BT_METHOD_INT8 && work->layers[layer].error != NULL);
}

void br_prepare(const br_work *work, uint32_t layer, uint32_t n0, uint32_t n1)
{
    const br_layer_code *code = &work->model->layers[layer];
    const br_layer_state *s = &work->layers[layer];
    br_method method = br_method_of(code, br_method_in(work, layer));
    br_join(work, layer, n0, n1);
    if (method.prepare)
        method.prepare(s, n0, n1, 0, 0);
    /* steps and feedback read the lists, whatever the method */
    if (br_has_lists(work, layer) && code->events && method.prepare != code->events)
        code->events(s, n0, n1, 0, 0);
}

void br_sum(const br_work *work, uint32_t layer, br_part samples, br_part blocks)
{
    br_method method = br_method_of(&work->model->layers[layer], br_method_in(work, layer));
    method.sum(&work->layers[layer], samples.from, samples.to, blocks.from, blocks.to);
}

void br_depress(const br_work *work, uint32_t layer, uint32_t n0, uint32_t n1)
{
    const br_layer_code *code = &work->model->layers[layer];
    if (code->depress)
        code->depress(&work->layers[layer], n0, n1, 0, 0);
}

static void forward_layer(const br_work *work, uint32_t layer, uint32_t n0, uint32_t n1)
{
    const br_layer_code *code = &work->model->layers[layer];
    br_prepare(work, layer, n0, n1);
    br_sum(work, layer, (br_part){n0, n1}, (br_part){0, code->stride / code->lanes});
    br_depress(work, layer, n0, n1);
}

void br_forward_alone(const br_work *work, uint32_t from, uint32_t to, uint32_t n0, uint32_t n1)
{
    const br_layer_code *layers = work->model->layers;
    for (uint32_t i = from, next; i < to; i = next) {
        next = i + 1;
        if (layers[i].kind == BT_LAYER_DENSE) { /* its bounds are read once for all samples */
            forward_layer(work, i, n0, n1);
            continue;
        }
        while (next < to && layers[next].kind != BT_LAYER_DENSE)
            next++;
        for (uint32_t n = n0; n < n1; n++) /* the next layer finds a sample's map in the cache */
            for (uint32_t layer = i; layer < next; layer++)
                forward_layer(work, layer, n, n + 1);
    }
}

uint32_t br_block_of(const br_model *model)
{
    enum { MOST = 32, LEAST = 4, CACHED = 1 << 20 };
    uint64_t bytes = 0; /* of one sample's maps: drive and activation, index, o, q and t */
    for (uint32_t i = 0; i < model->layer_count; i++)
        if (model->layers[i].kind != BT_LAYER_DENSE)
            bytes += 8ull * model->layers[i].out.stride + 16ull * model->layers[i].in.stride;
    uint64_t block = bytes ? CACHED / bytes : MOST;
    return block < LEAST ? LEAST : block > MOST ? MOST : (uint32_t)block;
}

uint32_t br_answer(const float *drive, const float *conscience, uint32_t classes)
{
    uint32_t best = 0;
    for (uint32_t k = 1; k < classes; k++)
        if (drive[k] - conscience[k] > drive[best] - conscience[best])
            best = k;
    return best;
}

void br_answers_of(const br_work *work, uint32_t n, uint32_t *labels)
{
    uint32_t top = work->model->layer_count - 1;
    const br_layer_code *last = &work->model->layers[top];
    const br_layer_state *s = &work->layers[top];
    for (uint32_t i = 0; i < n; i++)
        labels[i] = br_answer(s->drive + (uint64_t)i * last->out.stride, s->conscience, last->neurons);
}
