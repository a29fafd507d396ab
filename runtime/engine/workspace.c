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
    uint64_t places = (uint64_t)code->in.height * code->in.width;
    s->live_count = carve(c, batch, 1, sizeof *s->live_count);
    s->live_index = carve(c, batch, code->live_stride, sizeof *s->live_index);
    uint32_t arrays = br_method_arrays(code, learning);
    if (arrays & BR_ARRAYS_TERMS) {
        s->dense_q = carve(c, batch, code->in.stride, sizeof *s->dense_q);
        s->dense_t = carve(c, batch, code->in.stride, sizeof *s->dense_t);
    }
    if (arrays & BR_ARRAYS_TURNED)
        s->turned = carve(c, (batch + code->turned_samples - 1) / code->turned_samples,
                          (uint64_t)code->in.stride * code->turned_samples, sizeof *s->turned);
    s->live_o = carve(c, batch, code->live_stride, sizeof *s->live_o);
    s->live_q = carve(c, batch, code->live_stride, sizeof *s->live_q);
    s->live_t = carve(c, batch, code->live_stride, sizeof *s->live_t);
    if (code->kind == BT_LAYER_CONV)
        s->live_start = carve(c, batch, places + 1, sizeof *s->live_start);
    s->input_sum = carve(c, batch, (uint64_t)code->out.height * code->out.width, sizeof *s->input_sum);
}

static void carve_layer(carver *c, const br_layer_code *code, uint64_t batch, bool learning, br_layer_state *s)
{
    s->drive = carve(c, batch, code->out.stride, sizeof *s->drive);
    s->out = carve(c, batch, code->out.stride, sizeof *s->out);
    if (code->kind == BT_LAYER_POOL)
        s->choice = carve(c, batch, code->out.stride, sizeof *s->choice);
    else
        carve_lists(c, code, batch, learning, s);
    if (!learning)
        return;
    s->error = carve(c, batch, code->out.stride, sizeof *s->error);
    s->correction = carve(c, batch, code->out.stride, sizeof *s->correction);
    if (code->kind == BT_LAYER_DENSE) {
        s->row_count = carve(c, code->rows, 1, sizeof *s->row_count);
        s->rows = carve(c, code->rows, batch, sizeof *s->rows);
    } else if (code->kind == BT_LAYER_CONV) {
        uint64_t field = (uint64_t)code->field_height * code->field_row;
        s->filters = carve(c, code->stride, field, sizeof *s->filters);
        s->slopes = carve(c, code->stride, field, sizeof *s->slopes);
        s->changes = carve(c, code->stride * field, BR_GROUPS, sizeof *s->changes);
        s->field_t = carve(c, code->padded.stride, BR_GROUPS, sizeof *s->field_t);
        s->field_share = carve(c, code->padded.stride, BR_GROUPS, sizeof *s->field_share);
        s->field_asked = carve(c, code->padded.stride, BR_GROUPS, sizeof *s->field_asked);
        s->pair_count = carve(c, code->stride, BR_GROUPS, sizeof *s->pair_count);
        uint64_t pairs = (uint64_t)code->stride * code->pair_stride;
        s->pair_at = carve(c, pairs, BR_GROUPS, sizeof *s->pair_at);
        s->pair_error = carve(c, pairs, BR_GROUPS, sizeof *s->pair_error);
        s->pair_share = carve(c, pairs, BR_GROUPS, sizeof *s->pair_share);
    }
}

static void carve_all(carver *c, br_work *work, bool learning)
{
    const br_model *model = work->model;
    uint64_t inputs = (uint64_t)model->height * model->width * model->channels;
    work->in = carve(c, work->batch, inputs + 64, sizeof *work->in);
    work->labels = carve(c, work->batch, 1, sizeof *work->labels);
    uint32_t *active = carve(c, work->batch, 1, sizeof *active);
    float *error_size = carve(c, work->batch, 1, sizeof *error_size);
    uint32_t *faults = carve(c, model->layer_count, 1, sizeof *faults);
    for (uint32_t i = 0; i < model->layer_count; i++) {
        br_layer_state *s = &work->layers[i];
        const br_layer_code *code = &model->layers[i];
        carve_layer(c, code, work->batch, learning, s);
        if (code->source_count > 1) {
            work->joined[i] = carve(c, work->batch, code->in.stride, sizeof(float));
            work->joined_correction[i] = learning ? carve(c, work->batch, code->in.stride, sizeof(float)) : NULL;
        }
        s->labels = work->labels;
        s->active = active; /* shared by all layers: a sample without error is skipped by all of them */
        s->error_size = error_size;
        s->fault = faults ? faults + i : NULL;
        s->batch = work->batch;
    }
}

/* Connects each layer's input to the output of its source, or to the joined copy of several. */
static void connect(br_work *work, const br_network *network)
{
    for (uint32_t i = 0; i < work->model->layer_count; i++) {
        br_layer_state *s = &work->layers[i];
        uint32_t source = work->model->layers[i].sources[0];
        const br_layer_bounds *bounds = &network->layers[i];
        s->bounds = bounds->bounds;
        s->theta = bounds->theta;
        s->conscience = bounds->conscience;
        s->calibration = bounds->calibration;
        if (work->joined[i]) {
            s->in = s->input_drive = work->joined[i];
            s->input_correction = work->joined_correction[i];
        } else if (source == BT_INPUT) {
            s->in = s->input_drive = work->in;
        } else {
            s->in = work->layers[source].out;
            s->input_drive = work->layers[source].drive;
            s->input_correction = work->layers[source].correction;
        }
    }
}

uint64_t br_work_bytes(const br_model *model, uint32_t batch, bool learning)
{
    br_error ignored;
    carver count = {0};
    br_work work = {.model = model, .batch = batch};
    work.layers = br_new(model->layer_count, sizeof *work.layers, &ignored);
    work.joined = work.layers ? br_new(model->layer_count, sizeof *work.joined, &ignored) : NULL;
    work.joined_correction = work.joined ? br_new(model->layer_count, sizeof *work.joined, &ignored) : NULL;
    if (work.joined_correction)
        carve_all(&count, &work, learning);
    bool counted = work.joined_correction && !count.overflow;
    br_release(work.layers);
    br_release(work.joined);
    br_release(work.joined_correction);
    return counted ? count.used : UINT64_MAX;
}

int br_work_new(const br_network *network, uint32_t batch, bool learning, br_work **out, br_error *error)
{
    const br_model *model = network->model;
    br_work *work = br_new(1, sizeof *work, error);
    if (!work)
        return -1;
    work->model = model;
    work->network = network;
    work->batch = batch;
    work->layers = br_new(model->layer_count, sizeof *work->layers, error);
    work->joined = work->layers ? br_new(model->layer_count, sizeof *work->joined, error) : NULL;
    work->joined_correction = work->joined ? br_new(model->layer_count, sizeof *work->joined_correction, error) : NULL;
    if (!work->joined_correction)
        goto fail;
    carver count = {0};
    carve_all(&count, work, learning);
    if (count.overflow) {
        br_fail(error, BR_ERROR_CHECK, "network %s: a batch of %u samples needs more memory than can be addressed",
                model->name, batch);
        goto fail;
    }
    work->block = br_new_aligned(count.used, 1, error);
    if (!work->block)
        goto fail;
    carver place = {.base = work->block};
    carve_all(&place, work, learning);
    connect(work, network);
    *out = work;
    return 0;
fail:
    br_work_free(work);
    return -1;
}

void br_work_free(br_work *work)
{
    if (!work)
        return;
    br_work_eight_end(work);
    br_release(work->block);
    br_release(work->joined);
    br_release(work->joined_correction);
    br_release(work->layers);
    br_release(work);
}
