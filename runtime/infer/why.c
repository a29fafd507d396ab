/* What each input added to the drive of a class (docs/model.md, section 16): slopes are passed down along live
 * connections, from the class to the input. */
#include "infer/trace.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "encode/back.h"
#include "engine/forward.h"

typedef struct why_walk {
    const br_trace *trace;
    double **slopes; /* [layers]: of the class's drive in each activation of a map */
    double **drives; /* [layers]: the same in each drive, where it does not pass through the activation */
    double *inputs;  /* what each value that the first layer reads added */
    double thresholds;
    /* of the layer that is walked over */
    uint32_t layer;
    double *below, *added; /* [in.sample_stride]: slope in each value read, and what it added as an input */
    uint32_t *neurons;     /* [follow]: those at a place that have a slope */
    double *each;          /* [follow]: their slopes in the sum of their contributions */
    uint32_t follow;
} why_walk;

static const br_layer_code *code_of(const why_walk *walk)
{
    return &walk->trace->network->model->layers[walk->layer];
}

/* ---- one layer ---- */

static bool is_ramp(const br_layer_code *code)
{
    return code->parameters.fire != BT_FIRE_LOGISTIC && code->parameters.fire != BT_FIRE_FORMULA;
}

/* An activation as a line of the sum of the contributions: o = rise * sum + constant. */
typedef struct line {
    double rise, constant;
} line;

/* The line of (3) or (26) through the neuron's state, which holds exactly where the ramp is not full. A neuron that is
 * full, or fires binary or graded, is shared out in proportion: o = rise (x - theta). */
static line line_of_ramp(const why_walk *walk, uint64_t value, double gamma)
{
    const br_layer_code *code = code_of(walk);
    const br_layer_state *s = br_trace_state(walk->trace, walk->layer);
    uint64_t at = br_map_at(&code->shape.out, value);
    double theta = (double)s->theta[value % code->shape.out.channels], o = (double)s->out[at];
    double excess = (double)s->drive[at] - (code->parameters.homeostasis ? 0 : theta);
    if (o == 0 || excess == 0)
        return (line){0, o};
    return (line){o / excess * gamma, -o / excess * theta};
}

/* Other functions: from the activation without a live connection, `silent`, to the one that there is. */
static line line_of_other(const why_walk *walk, uint64_t value, double gamma, const float *silent)
{
    const double still = 1e-6; /* a drive too small to divide by */
    const br_layer_state *s = br_trace_state(walk->trace, walk->layer);
    uint64_t at = br_map_at(&code_of(walk)->shape.out, value);
    double x = (double)s->drive[at], o = (double)s->out[at],
           first = (double)silent[value % code_of(walk)->shape.neurons];
    return fabs(x) < still ? (line){0, o} : (line){(o - first) / x * gamma, first};
}

static void follow_input(void *user, const br_field_input *input)
{
    const why_walk *walk = user;
    double below = 0, added = 0;
    for (uint32_t i = 0; i < walk->follow; i++) {
        br_carried carried = br_carries(code_of(walk), input->row[walk->neurons[i]], input->o);
        below += walk->each[i] * carried.slope;
        added += walk->each[i] * carried.adds;
    }
    walk->below[input->at] += below;
    walk->added[input->at] += added;
}

/* The neurons of one place that have a slope, with what their own thresholds took. */
static void find_followed(why_walk *walk, uint64_t place, const float *silent)
{
    const br_layer_code *code = code_of(walk);
    double sum = br_trace_sum(walk->trace, walk->layer, place);
    walk->follow = 0;
    for (uint32_t k = 0; k < code->shape.neurons; k++) {
        uint64_t value = place * code->shape.neurons + k;
        double slope = walk->slopes[walk->layer][value], drive = walk->drives[walk->layer][value];
        if (slope == 0 && drive == 0)
            continue;
        double gamma = br_trace_gamma(walk->trace, walk->layer, sum, k);
        line of = is_ramp(code) ? line_of_ramp(walk, value, gamma) : line_of_other(walk, value, gamma, silent);
        walk->thresholds += slope * of.constant;
        if (code->parameters.homeostasis)
            walk->thresholds -= drive * (double)br_trace_state(walk->trace, walk->layer)->theta[k];
        walk->neurons[walk->follow] = k;
        walk->each[walk->follow++] = slope * of.rise + drive * gamma;
    }
}

static void follow_pooled(void *user, uint64_t at, float o, double slope)
{
    const why_walk *walk = user;
    walk->below[at] += walk->each[0] * slope;
    walk->added[at] += walk->each[0] * slope * (double)o;
}

/* The drive of a pool: the drive chosen, or the mean or the sum of its activations. */
static void follow_pooled_drive(why_walk *walk, uint64_t place, uint32_t channel, double slope)
{
    const br_layer_code *code = code_of(walk);
    const br_layer_state *s = br_trace_state(walk->trace, walk->layer);
    if (code->parameters.pooling == BT_POOL_MAX) {
        uint64_t at = br_pool_choice(walk->trace, walk->layer, place, channel);
        br_read read = br_trace_read(walk->trace, walk->layer, at);
        if (code->source_count == 1 && read.source != BT_INPUT) {
            walk->drives[read.source][read.value] += slope;
            return;
        }
        walk->below[at] += slope;
        walk->added[at] += slope * (double)s->in[at];
        return;
    }
    br_window w = br_pool_window(code, place);
    double places = (double)(w.y1 - w.y0) * (w.x1 - w.x0);
    double each = code->parameters.pooling == BT_POOL_SUM ? slope : slope / places;
    for (uint32_t y = w.y0; y < w.y1; y++)
        for (uint32_t x = w.x0; x < w.x1; x++) {
            uint64_t at = ((uint64_t)y * code->shape.in.width + x) * code->shape.in.pitch + channel;
            walk->below[at] += each;
            walk->added[at] += each * (double)s->in[at];
        }
}

static void follow_pool(why_walk *walk, uint64_t place)
{
    uint32_t channels = code_of(walk)->shape.out.channels;
    for (uint32_t c = 0; c < channels; c++) {
        uint64_t value = place * channels + c;
        double drive = walk->drives[walk->layer][value];
        walk->each[0] = walk->slopes[walk->layer][value];
        if (walk->each[0] != 0)
            br_trace_pooled(walk->trace, walk->layer, place, c, follow_pooled, walk);
        if (drive != 0)
            follow_pooled_drive(walk, place, c, drive);
    }
}

/* Passes what was found to the sources. The bounds of a layer that reads a layer take their part: a o - c = a - 1. */
static void hand_down(why_walk *walk)
{
    const br_layer_state *s = br_trace_state(walk->trace, walk->layer);
    for (uint64_t at = 0; at < code_of(walk)->shape.in.sample_stride; at++) {
        if (walk->below[at] == 0 && walk->added[at] == 0)
            continue;
        br_read read = br_trace_read(walk->trace, walk->layer, at);
        if (read.source == BT_INPUT) {
            walk->inputs[read.value] += walk->added[at];
            continue;
        }
        walk->slopes[read.source][read.value] += walk->below[at];
        walk->thresholds += walk->added[at] - walk->below[at] * (double)s->in[at];
    }
}

/* The activations of a layer's neurons if no connection is live: the layer computed from a map of zeros, of which the
 * first place stands for all. Layers are walked from the top down, so that the layers below have not yet been computed
 * in this workspace, and their maps are still 0. */
static const float *silent_of(const why_walk *walk)
{
    const br_workspace *workspace = walk->trace->pool.each[1];
    br_forward_alone(workspace, walk->layer, walk->layer + 1, 0, 1);
    return workspace->layers[walk->layer].out;
}

static void follow_layer(why_walk *walk)
{
    const br_layer_code *code = code_of(walk);
    const float *silent = is_ramp(code) ? NULL : silent_of(walk);
    memset(walk->below, 0, code->shape.in.sample_stride * sizeof *walk->below);
    memset(walk->added, 0, code->shape.in.sample_stride * sizeof *walk->added);
    for (uint64_t place = 0; place < br_map_places(code->shape.out); place++) {
        if (code->kind == BT_LAYER_POOL) {
            follow_pool(walk, place);
            continue;
        }
        find_followed(walk, place, silent);
        if (walk->follow > 0)
            br_trace_field(walk->trace, walk->layer, place, follow_input, walk);
    }
    hand_down(walk);
}

/* ---- all layers ---- */

static int walk_new(why_walk *walk, const br_trace *trace, br_error *error)
{
    const br_model *model = trace->network->model;
    uint32_t layers = br_path_layers(model), widest = 1;
    uint64_t longest = 0;
    *walk = (why_walk){.trace = trace};
    walk->slopes = br_new(layers, sizeof *walk->slopes, error);
    walk->drives = walk->slopes ? br_new(layers, sizeof *walk->drives, error) : NULL;
    for (uint32_t i = 0; walk->drives && i < layers; i++) {
        const br_layer_shape *shape = &model->layers[i].shape;
        longest = shape->in.sample_stride > longest ? shape->in.sample_stride : longest;
        widest = shape->neurons > widest ? shape->neurons : widest;
        walk->slopes[i] = br_new(br_map_values(shape->out), sizeof **walk->slopes, error);
        walk->drives[i] = br_new(br_map_values(shape->out), sizeof **walk->drives, error);
        if (!walk->slopes[i] || !walk->drives[i])
            return -1;
    }
    if (!walk->drives || !(walk->inputs = br_new(bt_values(model->shape), sizeof *walk->inputs, error)) ||
        !(walk->below = br_new(longest, sizeof *walk->below, error)) ||
        !(walk->added = br_new(longest, sizeof *walk->added, error)) ||
        !(walk->neurons = br_new(widest, sizeof *walk->neurons, error)))
        return -1;
    walk->each = br_new(widest, sizeof *walk->each, error);
    return walk->each ? 0 : -1;
}

static void walk_free(why_walk *walk)
{
    for (uint32_t i = 0; i < br_path_layers(walk->trace->network->model); i++) {
        if (walk->slopes)
            br_release(walk->slopes[i]);
        if (walk->drives)
            br_release(walk->drives[i]);
    }
    br_release(walk->slopes);
    br_release(walk->drives);
    br_release(walk->inputs);
    br_release(walk->below);
    br_release(walk->added);
    br_release(walk->neurons);
    br_release(walk->each);
}

static int explain(const br_trace *trace, const br_encoder *encoder, const br_samples *samples, uint64_t index,
                   br_why *out, br_error *error)
{
    uint32_t top = br_last_layer(trace->network->model);
    why_walk walk;
    int status = walk_new(&walk, trace, error);
    if (status == 0) {
        walk.drives[top][out->label] = 1;
        for (walk.layer = top + 1; walk.layer-- > 0;)
            follow_layer(&walk);
        out->thresholds = walk.thresholds;
        out->drive = (double)br_trace_state(trace, top)->drive[out->label];
        out->shape = samples->shape;
        out->adds = br_new(bt_values(samples->shape), sizeof *out->adds, error);
        status = out->adds ? 0 : -1;
    }
    if (status == 0 && encoder)
        status = br_encoder_back(encoder, samples, index, walk.inputs, out->adds, &out->encoded, error);
    else if (status == 0)
        memcpy(out->adds, walk.inputs, bt_values(samples->shape) * sizeof *out->adds);
    walk_free(&walk);
    return status;
}

int br_why_new(br_network *network, const br_encoder *encoder, const br_samples *samples, uint64_t index,
               uint32_t label, br_why *out, br_error *error)
{
    uint32_t classes = network->model->layers[br_last_layer(network->model)].shape.neurons;
    br_trace *trace;
    *out = (br_why){0};
    if (label != BR_WHY_ANSWER && label >= classes)
        return br_fail(error, BR_ERROR_USAGE, "class %u: network %s knows the classes 0 to %u", label,
                       network->model->name, classes - 1);
    if (br_trace_new(network, encoder, samples, index, &trace, error) != 0)
        return -1;
    out->answer = br_trace_answer(trace);
    out->label = label == BR_WHY_ANSWER ? out->answer : label;
    int status = explain(trace, encoder, samples, index, out, error);
    br_trace_free(trace);
    if (status != 0)
        br_why_free(out);
    return status;
}

int br_why_silent(const br_network *network, uint32_t layer, float *out, br_error *error)
{
    br_workspace_pool pool;
    if (br_workspace_pool_new(network, 1, 1, &pool, error) != 0)
        return -1;
    br_forward_alone(pool.each[0], layer, layer + 1, 0, 1); /* of a map of zeros; the first place stands for all */
    memcpy(out, pool.each[0]->layers[layer].out, network->model->layers[layer].shape.neurons * sizeof *out);
    br_workspace_pool_free(&pool);
    return 0;
}

void br_why_free(br_why *why)
{
    br_release(why->adds);
    *why = (br_why){0};
}
