/* The working memory of one batch: every array of every layer, carved from one aligned block. */
#include <string.h>

#include "memory.h"
#include "network.h"

/* Walks a block: with base NULL it only adds sizes up, so that one list of arrays serves counting and carving. */
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

static void carve_layer(carver *c, const br_layer_code *code, uint64_t batch, bool learning, br_layer_state *s)
{
    s->live_count = carve(c, batch, 1, sizeof *s->live_count);
    s->live_index = carve(c, batch, code->live_stride, sizeof *s->live_index);
    s->live_o = carve(c, batch, code->live_stride, sizeof *s->live_o);
    s->live_q = carve(c, batch, code->live_stride, sizeof *s->live_q);
    s->live_t = carve(c, batch, code->live_stride, sizeof *s->live_t);
    s->input_sum = carve(c, batch, 1, sizeof *s->input_sum);
    s->drive = carve(c, batch, code->stride, sizeof *s->drive);
    s->out = carve(c, batch, code->stride, sizeof *s->out);
    if (!learning)
        return;
    s->error = carve(c, batch, code->stride, sizeof *s->error);
    s->correction = carve(c, batch, code->stride, sizeof *s->correction);
    s->row_count = carve(c, code->inputs, 1, sizeof *s->row_count);
    s->rows = carve(c, code->inputs, batch, sizeof *s->rows);
}

static void carve_all(carver *c, br_work *work, bool learning)
{
    const br_model *model = work->model;
    work->in = carve(c, work->batch, model->layers[0].input_stride, sizeof *work->in);
    work->labels = carve(c, work->batch, 1, sizeof *work->labels);
    uint32_t *active = carve(c, work->batch, 1, sizeof *active);
    float *error_size = carve(c, work->batch, 1, sizeof *error_size);
    for (uint32_t i = 0; i < model->layer_count; i++) {
        br_layer_state *s = &work->layers[i];
        carve_layer(c, &model->layers[i], work->batch, learning, s);
        s->labels = work->labels;
        s->active = active; /* one answer for all layers: a sample without error is skipped everywhere */
        s->error_size = error_size;
        s->batch = work->batch;
    }
}

/* What each layer reads is what the one below wrote. */
static void connect(br_work *work, const br_network *network)
{
    for (uint32_t i = 0; i < work->model->layer_count; i++) {
        br_layer_state *s = &work->layers[i];
        s->bounds = network->layers[i].bounds;
        s->theta = network->layers[i].theta;
        s->in = i ? work->layers[i - 1].out : work->in;
        if (i == 0)
            continue;
        s->input_correction = work->layers[i - 1].correction;
        s->input_error = work->layers[i - 1].error;
        s->input_drive = work->layers[i - 1].drive;
        s->input_theta = network->layers[i - 1].theta;
    }
}

int br_work_new(const br_network *network, uint32_t batch, bool learning, br_work **out, br_error *error)
{
    br_work *work = br_new(1, sizeof *work, error);
    if (!work)
        return -1;
    work->model = network->model;
    work->batch = batch;
    work->layers = br_new(network->model->layer_count, sizeof *work->layers, error);
    if (!work->layers)
        goto fail;
    carver count = {0};
    carve_all(&count, work, learning);
    if (count.overflow) {
        br_fail(error, BR_ERROR_CHECK, "network %s: a batch of %u samples needs more memory than can be addressed",
                network->model->name, batch);
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
    br_release(work->block);
    br_release(work->layers);
    br_release(work);
}
