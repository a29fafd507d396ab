/* The forward pass over the graph of layers. */
#include "engine/forward.h"

#include "engine/int8.h"
#include "engine/methods.h"
#include "engine/stretch.h"

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
    bt_shape shape = model->shape;
    uint32_t values = (uint32_t)bt_values(shape);
    uint32_t lanes = model->layers[0].layout.lanes;
    return (br_map){shape.height, shape.width, shape.channels, shape.channels, (values + lanes - 1) / lanes * lanes};
}

/* A dense layer reads the values of its sources one after another; other layers read their channels side by side. */
static piece piece_of(const br_workspace *workspace, uint32_t layer, uint32_t number, br_map *input, uint64_t *at)
{
    const br_layer_code *code = &workspace->model->layers[layer];
    uint32_t source = code->sources[number];
    piece p = {.from = source == BT_INPUT ? input : &workspace->model->layers[source].shape.out, .offset = *at};
    p.places = br_map_places(*p.from);
    bool flat = code->kind == BT_LAYER_DENSE;
    p.pitch = flat ? p.from->channels : code->shape.in.pitch;
    *at += flat ? p.places * p.from->channels : p.from->channels;
    p.out = source == BT_INPUT ? workspace->in : workspace->layers[source].out;
    p.correction = source == BT_INPUT ? NULL : workspace->layers[source].correction;
    return p;
}

void br_join(const br_workspace *workspace, uint32_t layer, uint32_t n0, uint32_t n1)
{
    const br_layer_code *code = &workspace->model->layers[layer];
    br_map input = input_map(workspace->model);
    uint64_t at = 0;
    if (!workspace->joined[layer])
        return;
    for (uint32_t i = 0; i < code->source_count; i++) {
        piece p = piece_of(workspace, layer, i, &input, &at);
        for (uint64_t n = n0; n < n1; n++)
            for (uint64_t place = 0; place < p.places; place++)
                memcpy(workspace->joined[layer] + n * code->shape.in.sample_stride + p.offset + place * p.pitch,
                       p.out + n * p.from->sample_stride + place * p.from->pitch, p.from->channels * sizeof(float));
    }
}

void br_unjoin(const br_workspace *workspace, uint32_t layer, uint32_t n0, uint32_t n1)
{
    const br_layer_code *code = &workspace->model->layers[layer];
    br_map input = input_map(workspace->model);
    uint64_t at = 0;
    if (!workspace->joined_correction[layer])
        return;
    for (uint32_t i = 0; i < code->source_count; i++) {
        piece p = piece_of(workspace, layer, i, &input, &at);
        for (uint64_t n = n0; p.correction && n < n1; n++)
            for (uint64_t place = 0; place < p.places; place++) {
                const float *asked =
                    workspace->joined_correction[layer] + n * code->shape.in.sample_stride + p.offset + place * p.pitch;
                float *below = p.correction + n * p.from->sample_stride + place * p.from->pitch;
                for (uint32_t c = 0; c < p.from->channels; c++)
                    below[c] += asked[c];
            }
    }
}

bt_method br_method_in(const br_workspace *workspace, uint32_t layer)
{
    const br_layer_state *s = &workspace->layers[layer];
    const br_layer_bounds *bounds = &workspace->network->layers[layer];
    return s->int8 ? BT_METHOD_INT8 : s->tiles.packed ? BT_METHOD_PACKED : bounds->training;
}

bool br_has_lists(const br_workspace *workspace, uint32_t layer)
{
    bt_method method = br_method_in(workspace, layer);
    return method == BT_METHOD_EVENTS || (method != BT_METHOD_INT8 && workspace->layers[layer].error != NULL);
}

void br_prepare(const br_workspace *workspace, uint32_t layer, uint32_t n0, uint32_t n1)
{
    const br_layer_code *code = &workspace->model->layers[layer];
    const br_layer_state *s = &workspace->layers[layer];
    br_method method = br_method_of(code, br_method_in(workspace, layer));
    br_join(workspace, layer, n0, n1);
    if (method.prepare)
        method.prepare(s, n0, n1, 0, 0);
    /* steps and feedback read the lists, whatever the method */
    if (br_has_lists(workspace, layer) && code->kernels.events && method.prepare != code->kernels.events)
        code->kernels.events(s, n0, n1, 0, 0);
}

void br_sum(const br_workspace *workspace, uint32_t layer, br_part samples, br_part part)
{
    br_method method = br_method_of(&workspace->model->layers[layer], br_method_in(workspace, layer));
    method.sum(&workspace->layers[layer], samples.from, samples.to, part.from, part.to);
}

void br_depress(const br_workspace *workspace, uint32_t layer, uint32_t n0, uint32_t n1)
{
    const br_layer_state *s = &workspace->layers[layer];
    br_kernel *depress = br_depression(&workspace->model->layers[layer], s);
    if (depress && !workspace->waits[layer])
        depress(s, n0, n1, 0, 0);
}

/* Everything that the sum kernel of a method can divide: lines of places or vector blocks. */
static br_part whole_part(const br_workspace *workspace, uint32_t layer)
{
    const br_layer_layout *layout = &workspace->model->layers[layer].layout;
    bool lines =
        workspace->model->layers[layer].kind != BT_LAYER_DENSE && br_method_in(workspace, layer) != BT_METHOD_PACKED;
    return lines ? (br_part){0, 0} : (br_part){0, layout->pitch / layout->lanes};
}

static void forward_layer(const br_workspace *workspace, uint32_t layer, uint32_t n0, uint32_t n1)
{
    br_prepare(workspace, layer, n0, n1);
    br_sum(workspace, layer, (br_part){n0, n1}, whole_part(workspace, layer));
    br_depress(workspace, layer, n0, n1);
}

/* Which maps are there afterwards: all; those that learning reads; those that the last layer's answers need. */
typedef enum keep { KEEP_ALL, KEEP_LEARNED, KEEP_ANSWERS } keep;

static bool kept(const br_layer_code *code, keep keep)
{
    return keep == KEEP_ALL || !code->layout.unread || (keep == KEEP_LEARNED && !code->layout.pooled);
}

/* Layers [from, to), none of them dense, for one sample. */
static void forward_maps(const br_workspace *workspace, br_part range, uint32_t n, keep keep, const uint32_t *slot)
{
    for (uint32_t layer = range.from; layer < range.to; layer++) {
        const br_layer_code *code = &workspace->model->layers[layer];
        bt_method method = br_method_in(workspace, layer);
        const uint32_t *passing = kept(code, keep) ? NULL : slot;
        bool joins = method != BT_METHOD_PACKED || (passing && code->layout.settled); /* packed sums have no lines */
        if (code->layout.stretch == 0 || layer + 1 == range.to || !joins) {
            forward_layer(workspace, layer, n, n + 1);
            continue;
        }
        br_prepare(workspace, layer, n, n + 1);
        br_stretch_forward(workspace, layer, method, n, passing);
        layer++;
    }
}

/* Whether a layer is computed for all samples before the next one: its bounds are read once for all of them. Those of a
 * wide convolution don't stay in the second cache. */
static bool all_samples(const br_workspace *workspace, uint32_t layer)
{
    const br_layer_code *code = &workspace->model->layers[layer];
    bool together = code->layout.together && br_method_in(workspace, layer) == BT_METHOD_EVENTS;
    return code->kind == BT_LAYER_DENSE || together || br_int8_is_large(workspace, layer);
}

static void forward_range(const br_workspace *workspace, br_part range, br_part samples, keep keep)
{
    for (uint32_t i = range.from, next; i < range.to; i = next) {
        next = i + 1;
        if (all_samples(workspace, i)) {
            forward_layer(workspace, i, samples.from, samples.to);
            continue;
        }
        while (next < range.to && !all_samples(workspace, next))
            next++;
        for (uint32_t n = samples.from; n < samples.to; n++) /* the next layer finds a sample's map in the cache */
            forward_maps(workspace, (br_part){i, next}, n, keep, &samples.from);
    }
}

void br_forward_alone(const br_workspace *workspace, uint32_t from, uint32_t to, uint32_t n0, uint32_t n1)
{
    forward_range(workspace, (br_part){from, to}, (br_part){n0, n1}, KEEP_ALL);
}

void br_forward_answers(const br_workspace *workspace, uint32_t from, uint32_t to, uint32_t n0, uint32_t n1)
{
    forward_range(workspace, (br_part){from, to}, (br_part){n0, n1}, KEEP_ANSWERS);
}

void br_forward_learning(const br_workspace *workspace, uint32_t from, uint32_t to, uint32_t n0, uint32_t n1)
{
    forward_range(workspace, (br_part){from, to}, (br_part){n0, n1}, KEEP_LEARNED);
}

uint32_t br_block_of(const br_model *model)
{
    enum { MOST = 32, LEAST = 4, CACHED = 1 << 20 };
    uint64_t bytes = 0; /* of one sample's maps: drive and activation, index, o, q and t */
    for (uint32_t i = 0; i < model->layer_count; i++)
        if (model->layers[i].kind != BT_LAYER_DENSE)
            bytes += 8ull * model->layers[i].shape.out.sample_stride + 16ull * model->layers[i].shape.in.sample_stride;
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

uint32_t br_answer_at(const br_workspace *workspace, uint32_t layer, uint32_t i)
{
    const br_layer_code *code = &workspace->model->layers[layer];
    const br_layer_state *s = &workspace->layers[layer];
    return br_answer(s->drive + (uint64_t)i * code->shape.out.sample_stride, s->conscience, code->shape.neurons);
}

uint32_t br_answer_of(const br_workspace *workspace, uint32_t i)
{
    return br_answer_at(workspace, br_last_layer(workspace->model), i);
}

void br_answers_of(const br_workspace *workspace, uint32_t n, uint32_t *labels)
{
    for (uint32_t i = 0; i < n; i++)
        labels[i] = br_answer_of(workspace, i);
}
