/* One sample in a workspace of its own. Connections are computed one by one in double, from the bounds that the kernels
 * read; a connection is live exactly if it is live in the kernels. */
#include "infer/trace.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "encode/back.h"
#include "engine/choose.h"
#include "engine/faults.h"
#include "engine/forward.h"
#include "engine/samples.h"

/* ---- the sample ---- */

static int compute(br_trace *trace, br_network *network, const br_samples *samples, uint64_t index, br_error *error)
{
    if (br_check_shape(network->model, samples, error) != 0 || br_methods_choose_once(network, samples, error) != 0 ||
        br_workspace_pool_new(network, 2, 1, &trace->pool, error) != 0)
        return -1;
    const br_workspace *workspace = trace->pool.each[0];
    br_gather gather = br_gather_new(samples, network->model->input_range);
    br_gather_batch(&gather, index, (br_part){0, 1}, workspace);
    br_forward_alone(workspace, 0, br_path_layers(network->model), 0, 1);
    return br_check_faults(workspace, index, 1, error);
}

int br_trace_new(br_network *network, const br_encoder *encoder, const br_samples *samples, uint64_t index,
                 br_trace **out, br_error *error)
{
    uint8_t *bytes = NULL;
    br_samples encoded = *samples;
    *out = NULL;
    if (index >= samples->count)
        return br_fail(error, BR_ERROR_USAGE, "sample %llu: there are %llu samples, counted from 0",
                       (unsigned long long)index, (unsigned long long)samples->count);
    br_trace *trace = br_new(1, sizeof *trace, error);
    if (!trace)
        return -1;
    trace->network = network;
    int status = 0;
    if (encoder && br_encoder_steps(encoder) > 0) {
        status = br_encoder_sample(encoder, samples, index, &bytes, &encoded.shape, error);
        encoded = (br_samples){
            .count = 1, .shape = encoded.shape, .bytes = bytes, .low = 0, .high = 255, .tied = encoder->tied};
        index = 0;
    }
    if (status == 0)
        status = compute(trace, network, &encoded, index, error);
    br_release(bytes);
    if (status != 0)
        br_trace_free(trace);
    else
        *out = trace;
    return status;
}

void br_trace_free(br_trace *trace)
{
    if (!trace)
        return;
    br_workspace_pool_free(&trace->pool);
    br_release(trace);
}

/* ---- maps ---- */

bt_shape br_trace_shape(const br_trace *trace, uint32_t layer)
{
    if (layer == BT_INPUT)
        return trace->network->model->shape;
    const br_map *map = br_trace_map(trace, layer);
    return (bt_shape){map->height, map->width, map->channels};
}

static void copy_map(const br_map *map, const float *from, float *out)
{
    for (uint64_t i = 0; i < br_map_values(*map); i++)
        out[i] = from[br_map_at(map, i)];
}

void br_trace_activations(const br_trace *trace, uint32_t layer, float *out)
{
    if (layer == BT_INPUT)
        memcpy(out, trace->pool.each[0]->in, bt_values(trace->network->model->shape) * sizeof *out);
    else
        copy_map(br_trace_map(trace, layer), br_trace_state(trace, layer)->out, out);
}

void br_trace_drives(const br_trace *trace, uint32_t layer, float *out)
{
    copy_map(br_trace_map(trace, layer), br_trace_state(trace, layer)->drive, out);
}

uint32_t br_trace_answer(const br_trace *trace)
{
    return br_answer_of(trace->pool.each[0], 0);
}

/* ---- sources ---- */

/* The value at an offset of a single source's own map. */
static br_read read_alone(const br_trace *trace, const br_layer_code *code, uint64_t at)
{
    uint32_t source = code->sources[0];
    bool raw = source == BT_INPUT; /* its values lie without gaps */
    const br_map *map = raw ? NULL : br_trace_map(trace, source);
    return (br_read){source, raw ? at : at / map->pitch * map->channels + at % map->pitch};
}

br_read br_trace_read(const br_trace *trace, uint32_t layer, uint64_t at)
{
    const br_layer_code *code = &trace->network->model->layers[layer];
    bool flat = code->kind == BT_LAYER_DENSE;
    if (code->source_count == 1)
        return read_alone(trace, code, at);
    uint64_t place = flat ? 0 : at / code->shape.in.pitch, rest = flat ? at : at % code->shape.in.pitch;
    for (uint32_t i = 0; i < code->source_count; i++) {
        bt_shape shape = br_trace_shape(trace, code->sources[i]);
        uint64_t values = flat ? bt_values(shape) : shape.channels;
        if (rest < values)
            return (br_read){code->sources[i], flat ? rest : place * shape.channels + rest};
        rest -= values;
    }
    return (br_read){BT_INPUT, 0}; /* padding, which is 0 and never visited */
}

/* ---- layers with connections ---- */

void br_trace_field(const br_trace *trace, uint32_t layer, uint64_t place, br_visit_input *visit, void *user)
{
    const br_layer_code *code = &trace->network->model->layers[layer];
    const br_layer_state *s = br_trace_state(trace, layer);
    const br_map *in = &code->shape.in;
    bool conv = code->kind == BT_LAYER_CONV;
    int64_t top = conv ? (int64_t)(place / code->shape.out.width * code->shape.stride) - code->shape.pad_top : 0;
    int64_t left = conv ? (int64_t)(place % code->shape.out.width * code->shape.stride) - code->shape.pad_left : 0;
    for (uint64_t i = 0; i < (uint64_t)code->shape.field_height * code->shape.field_width; i++) {
        int64_t y = top + (int64_t)(i / code->shape.field_width), x = left + (int64_t)(i % code->shape.field_width);
        if (y < 0 || y >= in->height || x < 0 || x >= in->width)
            continue;
        uint64_t first = ((uint64_t)y * in->width + (uint64_t)x) * in->pitch;
        for (uint32_t c = 0; c < in->channels; c++) {
            br_field_input input = {first + c, s->bounds + (i * in->pitch + c) * code->layout.pitch, s->in[first + c]};
            if (input.o != 0) /* tied levels have a sign */
                visit(user, &input);
        }
    }
}

/* c = a o - (a - 1) where o > alpha, with a = 1/(1 - alpha) = a_max - |v|                          (1) */
br_carried br_carries(const br_layer_code *code, float w, float o)
{
    double sign = signbit(w) ? -1 : 1, a;
    if (code->parameters.tied > 0) /* w n; gamma holds the unit of w                            (38) */
        return (br_carried){w != 0, (double)w * (double)o, (double)w};
    if (code->parameters.bound_encoding == BR_BOUND_V) {
        if (!(fabsf(w) > code->parameters.a_max - 1 / (1 - o)))
            return (br_carried){0};
        a = (double)code->parameters.a_max - fabs((double)w);
    } else {
        if (!(o > fabsf(w)))
            return (br_carried){0};
        a = 1 / (1 - fabs((double)w));
    }
    return (br_carried){true, sign * (a * (double)o - (a - 1)), sign * a};
}

static void add_input(void *user, const br_field_input *input)
{
    *(double *)user += (double)input->o;
}

double br_trace_sum(const br_trace *trace, uint32_t layer, uint64_t place)
{
    double sum = 0;
    if (trace->network->model->layers[layer].parameters.sum == BT_SUM_SHARED)
        br_trace_field(trace, layer, place, add_input, &sum);
    return sum;
}

double br_trace_gamma(const br_trace *trace, uint32_t layer, double sum, uint32_t neuron)
{
    const br_layer_code *code = &trace->network->model->layers[layer];
    if (code->parameters.homeostasis)
        return (double)br_trace_state(trace, layer)->theta[code->layout.pitch + neuron];
    return (double)br_layer_gamma(code, (float)sum);
}

/* ---- pools ---- */

br_window br_pool_window(const br_layer_code *code, uint64_t place)
{
    const br_map *in = &code->shape.in, *out = &code->shape.out;
    uint64_t y = place / out->width, x = place % out->width;
    if (code->parameters.grid)
        return (br_window){(uint32_t)(y * in->height / out->height), (uint32_t)((y + 1) * in->height / out->height),
                           (uint32_t)(x * in->width / out->width), (uint32_t)((x + 1) * in->width / out->width)};
    uint32_t top = (uint32_t)y * code->shape.stride, left = (uint32_t)x * code->shape.stride;
    return (br_window){top, top + code->shape.field_height, left, left + code->shape.field_width};
}

static uint64_t pooled_at(const br_layer_code *code, uint32_t y, uint32_t x, uint32_t channel)
{
    return ((uint64_t)y * code->shape.in.width + x) * code->shape.in.pitch + channel;
}

uint64_t br_pool_choice(const br_trace *trace, uint32_t layer, uint64_t place, uint32_t channel)
{
    const br_layer_code *code = &trace->network->model->layers[layer];
    const float *drive = br_trace_state(trace, layer)->input_drive;
    br_window w = br_pool_window(code, place);
    uint64_t best = pooled_at(code, w.y0, w.x0, channel);
    for (uint32_t y = w.y0; y < w.y1; y++)
        for (uint32_t x = w.x0; x < w.x1; x++)
            if (drive[pooled_at(code, y, x, channel)] > drive[best])
                best = pooled_at(code, y, x, channel);
    return best;
}

void br_trace_pooled(const br_trace *trace, uint32_t layer, uint64_t place, uint32_t channel, br_visit_pooled *visit,
                     void *user)
{
    const br_layer_code *code = &trace->network->model->layers[layer];
    const br_layer_state *s = br_trace_state(trace, layer);
    double out = (double)s->out[place * code->shape.out.pitch + channel], sum = 0;
    br_window w = br_pool_window(code, place);
    if (code->parameters.pooling == BT_POOL_MAX) {
        uint64_t at = br_pool_choice(trace, layer, place, channel);
        if (s->in[at] > 0)
            visit(user, at, s->in[at], out / (double)s->in[at]);
        return;
    }
    for (uint32_t y = w.y0; y < w.y1; y++)
        for (uint32_t x = w.x0; x < w.x1; x++)
            sum += (double)s->in[pooled_at(code, y, x, channel)];
    for (uint32_t y = w.y0; y < w.y1; y++)
        for (uint32_t x = w.x0; x < w.x1; x++) {
            uint64_t at = pooled_at(code, y, x, channel);
            if (s->in[at] > 0)
                visit(user, at, s->in[at], out / sum);
        }
}

/* ---- live connections ---- */

typedef struct live_walk {
    const br_trace *trace;
    uint32_t layer;
    const br_layer_code *code;
    br_visit_live *visit;
    void *user;
    uint64_t place;
    double sum;
    uint64_t to; /* pools: the value computed */
} live_walk;

static float alpha_of(const br_layer_code *code, float w)
{
    return code->parameters.bound_encoding == BR_BOUND_ALPHA ? w : copysignf(br_alpha_of(code, w), w);
}

static void visit_row(void *user, const br_field_input *input)
{
    const live_walk *walk = user;
    br_read read = br_trace_read(walk->trace, walk->layer, input->at);
    for (uint32_t k = 0; k < walk->code->shape.neurons; k++) {
        br_carried carried = br_carries(walk->code, input->row[k], input->o);
        if (!carried.live)
            continue;
        br_live live = {read.source, read.value, walk->place * walk->code->shape.neurons + k,
                        alpha_of(walk->code, input->row[k]),
                        carried.adds * br_trace_gamma(walk->trace, walk->layer, walk->sum, k)};
        walk->visit(walk->user, &live);
    }
}

static void visit_pooled(void *user, uint64_t at, float o, double slope)
{
    const live_walk *walk = user;
    br_read read = br_trace_read(walk->trace, walk->layer, at);
    br_live live = {read.source, read.value, walk->to, 0, slope * (double)o};
    if (live.adds != 0)
        walk->visit(walk->user, &live);
}

void br_trace_live(const br_trace *trace, uint32_t layer, br_visit_live *visit, void *user)
{
    const br_layer_code *code = &trace->network->model->layers[layer];
    live_walk walk = {.trace = trace, .layer = layer, .code = code, .visit = visit, .user = user};
    for (walk.place = 0; walk.place < br_map_places(code->shape.out); walk.place++) {
        if (code->kind != BT_LAYER_POOL) {
            walk.sum = br_trace_sum(trace, layer, walk.place);
            br_trace_field(trace, layer, walk.place, visit_row, &walk);
            continue;
        }
        for (uint32_t c = 0; c < code->shape.out.channels; c++) {
            walk.to = walk.place * code->shape.out.channels + c;
            br_trace_pooled(trace, layer, walk.place, c, visit_pooled, &walk);
        }
    }
}
