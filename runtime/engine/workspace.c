/* The workspace of one batch: every array of every layer, carved from one aligned block. */
#include "engine/workspace.h"

#include "engine/methods.h"

#include "base/memory.h"
#include "engine/int8.h"

/* Carves arrays from a block. With base NULL it only adds up their sizes, so that one list of arrays serves both. */
typedef struct carver {
    char *base;
    uint64_t used;
    bool overflow;
} carver;

static void *carve(carver *c, uint64_t count, uint64_t each, uint64_t size)
{
    uint64_t bytes = 0;
    bool ok =
        br_multiply(count, each, &bytes) && br_multiply(bytes, size, &bytes) && br_add(bytes, BR_ALIGNMENT - 1, &bytes);
    bytes -= bytes % BR_ALIGNMENT;
    uint64_t at = c->used;
    if (!ok || !br_add(c->used, bytes, &c->used))
        c->overflow = true;
    return c->base ? c->base + at : NULL;
}

static void carve_lists(carver *c, const br_layer_code *code, uint64_t batch, bool learning, br_layer_state *s)
{
    uint64_t places = br_map_places(code->shape.in);
    s->live.count = carve(c, batch, 1, sizeof *s->live.count);
    s->live.index = carve(c, batch, code->layout.live_stride, sizeof *s->live.index);
    uint32_t arrays = br_method_arrays(code, learning);
    if (arrays & BR_ARRAYS_TERMS) {
        s->tiles.q = carve(c, batch, code->shape.in.sample_stride, sizeof *s->tiles.q);
        s->tiles.t = carve(c, batch, code->shape.in.sample_stride, sizeof *s->tiles.t);
    }
    if (arrays & BR_ARRAYS_TRANSPOSED)
        s->tiles.transposed = carve(c, (batch + code->layout.transposed_samples - 1) / code->layout.transposed_samples,
                                    br_transposed_group(code), sizeof *s->tiles.transposed);
    s->events.o = carve(c, batch, code->layout.live_stride, sizeof *s->events.o);
    s->events.q = carve(c, batch, code->layout.live_stride, sizeof *s->events.q);
    s->events.t = carve(c, batch, code->layout.live_stride, sizeof *s->events.t);
    if (code->kind == BT_LAYER_CONV)
        s->live.start = carve(c, batch, places + 1, sizeof *s->live.start);
    s->input_sum = carve(c, batch, br_map_places(code->shape.out), sizeof *s->input_sum);
}

static void carve_balance(carver *c, const br_layer_code *code, br_layer_state *s)
{
    uint64_t pitch = code->layout.pitch;
    if (code->parameters.homeostasis)
        s->balance.raw = carve(c, pitch, 2, sizeof *s->balance.raw);
    if (!code->kernels.standardise)
        return;
    s->balance.theta = carve(c, pitch, 2, sizeof *s->balance.theta);
    s->balance.sums = carve(c, pitch, 2 * BR_GROUPS, sizeof *s->balance.sums);
    s->balance.shift = carve(c, pitch, 1, sizeof *s->balance.shift);
    s->balance.lean = carve(c, pitch, 2, sizeof *s->balance.lean);
}

static void carve_layer(carver *c, const br_layer_code *code, uint64_t batch, bool learning, br_layer_state *s)
{
    s->drive = carve(c, batch, code->shape.out.sample_stride, sizeof *s->drive);
    s->out = carve(c, batch, code->shape.out.sample_stride, sizeof *s->out);
    if (code->parameters.jitter)
        s->jitter = carve(c, batch, 2, sizeof *s->jitter);
    if (code->kind == BT_LAYER_POOL)
        s->choice = carve(c, batch, code->shape.out.sample_stride, sizeof *s->choice);
    else
        carve_lists(c, code, batch, learning, s);
    if (!learning)
        return;
    if (!code->layout.pooled || code->kind != BT_LAYER_CONV) {
        s->error = carve(c, batch, code->shape.out.sample_stride, sizeof *s->error);
        s->correction = carve(c, batch, code->shape.out.sample_stride, sizeof *s->correction);
    }
    carve_balance(c, code, s);
    if (code->kind == BT_LAYER_DENSE) {
        s->rows.count = carve(c, code->layout.rows, 1, sizeof *s->rows.count);
        s->rows.events = carve(c, code->layout.rows, batch, sizeof *s->rows.events);
    } else if (code->kind == BT_LAYER_CONV) {
        uint64_t field = (uint64_t)code->shape.field_height * code->layout.field_row;
        s->filters.bounds = carve(c, code->layout.pitch, field, sizeof *s->filters.bounds);
        s->filters.slopes = carve(c, code->layout.pitch, field, sizeof *s->filters.slopes);
        s->filters.changes = carve(c, code->layout.pitch * field, BR_GROUPS, sizeof *s->filters.changes);
        uint64_t slots = BR_GROUPS * code->layout.slots;
        s->field.t = carve(c, code->shape.padded.sample_stride, slots, sizeof *s->field.t);
        s->field.share = carve(c, code->shape.padded.sample_stride, slots, sizeof *s->field.share);
        s->field.asked = carve(c, code->shape.padded.sample_stride, slots, sizeof *s->field.asked);
        s->pairs.count = carve(c, code->layout.pitch, slots, sizeof *s->pairs.count);
        uint64_t pairs = (uint64_t)code->layout.pitch * code->layout.filter_stride;
        s->pairs.at = carve(c, pairs, slots, sizeof *s->pairs.at);
        s->pairs.error = carve(c, pairs, slots, sizeof *s->pairs.error);
        s->pairs.share = carve(c, pairs, slots, sizeof *s->pairs.share);
    }
}

static void carve_all(carver *c, br_workspace *workspace, bool learning)
{
    const br_model *model = workspace->model;
    uint64_t inputs = bt_values(model->shape);
    workspace->in = carve(c, workspace->batch, inputs + 64, sizeof *workspace->in);
    workspace->waits = carve(c, model->layer_count, 1, sizeof *workspace->waits);
    workspace->labels = carve(c, workspace->batch, 1, sizeof *workspace->labels);
    uint32_t *active = carve(c, workspace->batch, 1, sizeof *active);
    uint32_t *faults = carve(c, model->layer_count, 1, sizeof *faults);
    for (uint32_t i = 0; i < model->layer_count; i++) {
        br_layer_state *s = &workspace->layers[i];
        const br_layer_code *code = &model->layers[i];
        carve_layer(c, code, workspace->batch, learning, s);
        if (code->source_count > 1) {
            workspace->joined[i] = carve(c, workspace->batch, code->shape.in.sample_stride, sizeof(float));
            workspace->joined_correction[i] =
                learning ? carve(c, workspace->batch, code->shape.in.sample_stride, sizeof(float)) : NULL;
        }
        s->labels = workspace->labels;
        s->active = active; /* a learner whose layers have errors of their own gives each its array */
        if (br_is_answering(model, i))
            s->error_size = carve(c, workspace->batch, 1, sizeof *s->error_size);
        s->fault = faults ? faults + i : NULL;
        s->batch = workspace->batch;
    }
}

/* Connects each layer's input to the output of its source, or to the joined copy of several. */
static void connect(br_workspace *workspace, const br_network *network)
{
    for (uint32_t i = 0; i < workspace->model->layer_count; i++) {
        br_layer_state *s = &workspace->layers[i];
        uint32_t source = workspace->model->layers[i].sources[0];
        const br_layer_bounds *bounds = &network->layers[i];
        s->bounds = bounds->bounds;
        s->theta = bounds->theta;
        s->conscience = bounds->conscience;
        s->calibration = bounds->calibration;
        if (workspace->joined[i]) {
            s->in = s->input_drive = workspace->joined[i];
            s->input_correction = workspace->joined_correction[i];
        } else if (source == BT_INPUT) {
            s->in = s->input_drive = workspace->in;
        } else {
            s->in = workspace->layers[source].out;
            s->input_drive = workspace->layers[source].drive;
            s->input_correction = workspace->layers[source].correction;
        }
    }
}

/* A convolution and the pool behind it, which has its errors. */
static void connect_pooled(br_workspace *workspace, const br_network *network)
{
    for (uint32_t i = 0; i + 1 < workspace->model->layer_count; i++) {
        br_layer_state *conv = &workspace->layers[i], *pool = conv + 1;
        if (!workspace->model->layers[i].layout.pooled || workspace->model->layers[i].kind != BT_LAYER_CONV)
            continue;
        conv->error = pool->error;
        conv->choice = pool->choice;
        pool->theta = network->layers[i].theta;
    }
}

uint64_t br_workspace_bytes(const br_model *model, uint32_t batch, bool learning)
{
    br_error ignored;
    carver count = {0};
    br_workspace workspace = {.model = model, .batch = batch};
    workspace.layers = br_new(model->layer_count, sizeof *workspace.layers, &ignored);
    workspace.joined = workspace.layers ? br_new(model->layer_count, sizeof *workspace.joined, &ignored) : NULL;
    workspace.joined_correction =
        workspace.joined ? br_new(model->layer_count, sizeof *workspace.joined, &ignored) : NULL;
    if (workspace.joined_correction)
        carve_all(&count, &workspace, learning);
    bool counted = workspace.joined_correction && !count.overflow;
    br_release(workspace.layers);
    br_release(workspace.joined);
    br_release(workspace.joined_correction);
    return counted ? count.used : UINT64_MAX;
}

int br_workspace_new(const br_network *network, uint32_t batch, bool learning, br_workspace **out, br_error *error)
{
    const br_model *model = network->model;
    br_workspace *workspace = br_new(1, sizeof *workspace, error);
    if (!workspace)
        return -1;
    workspace->model = model;
    workspace->network = network;
    workspace->batch = batch;
    workspace->layers = br_new(model->layer_count, sizeof *workspace->layers, error);
    workspace->joined = workspace->layers ? br_new(model->layer_count, sizeof *workspace->joined, error) : NULL;
    workspace->joined_correction =
        workspace->joined ? br_new(model->layer_count, sizeof *workspace->joined_correction, error) : NULL;
    if (!workspace->joined_correction)
        goto fail;
    carver count = {0};
    carve_all(&count, workspace, learning);
    if (count.overflow) {
        br_fail(error, BR_ERROR_CHECK, "network %s: a batch of %u samples needs more memory than can be addressed",
                model->name, batch);
        goto fail;
    }
    workspace->block = br_new_aligned(count.used, 1, error);
    if (!workspace->block)
        goto fail;
    carver place = {.base = workspace->block};
    carve_all(&place, workspace, learning);
    connect(workspace, network);
    connect_pooled(workspace, network);
    *out = workspace;
    return 0;
fail:
    br_workspace_free(workspace);
    return -1;
}

void br_workspace_free(br_workspace *workspace)
{
    if (!workspace)
        return;
    br_work_int8_end(workspace);
    br_release(workspace->block);
    br_release(workspace->joined);
    br_release(workspace->joined_correction);
    br_release(workspace->layers);
    br_release(workspace);
}
