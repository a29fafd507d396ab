/* The scratch memory of one sample: every array of br_layer_state that forward kernels use, and the buffers of the
 * encodings. Layers are computed one after the other, so most arrays can reuse the memory of earlier ones. */
#include "artefact/scratch.h"

#include <stdlib.h>

#include "plan/buffers.h"

typedef struct scratch_plan {
    const bc_plan *plan;
    bc_buffers buffers; /* in bytes */
} scratch_plan;

/* Allocates count * size bytes, in use from one time to another. */
static uint64_t take(scratch_plan *w, uint64_t count, uint64_t size, uint32_t from, uint32_t until)
{
    uint64_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > UINT32_MAX) {
        w->buffers.failed = true;
        return 0;
    }
    bytes = (bytes + BC_SCRATCH_ALIGN - 1) / BC_SCRATCH_ALIGN * BC_SCRATCH_ALIGN;
    return bc_buffers_take(&w->buffers, bytes, from, until);
}

/* The last time at which the activations of a layer (or of the input, BT_INPUT) are read. */
static uint32_t last_read(const bc_plan *plan, uint32_t source)
{
    bl_readers readers = bl_readers_of(plan->program->layers, plan->layer_count, source);
    return readers.count > 0 ? readers.last + 1 : source == BT_INPUT ? 0 : source + 1;
}

uint64_t bc_border_pitch(const bl_input *input, const bl_encoding *step, uint32_t lanes)
{
    return (input->width + lanes - 1ull) / lanes * lanes + step->width - 1;
}

static void take_input(scratch_plan *w, bc_scratch *out)
{
    const bl_input *input = &w->plan->program->input;
    uint64_t pixels = (uint64_t)input->height * input->width, values = pixels * input->channels, border = 0;
    uint64_t padded = bt_values(input->encoded) + BC_SCRATCH_ALIGN;
    out->input = take(w, padded, sizeof(float), 0, last_read(w->plan, BT_INPUT));
    if (input->encoding_count == 0)
        return;
    for (uint32_t i = 0; i < input->encoding_count; i++) {
        const bl_encoding *step = &input->encodings[i];
        uint64_t floats = bc_border_pitch(input, step, w->plan->lanes) * (input->height + step->height - 1);
        if (step->kind == BT_ENCODE_WHITEN && floats > border)
            border = floats;
    }
    out->planes = take(w, values + w->plan->lanes, sizeof(float), 0, 0);
    out->next = take(w, border ? values + w->plan->lanes : 0, sizeof(float), 0, 0);
    out->sums = take(w, (input->height + 1ull) * (input->width + 1ull), sizeof(double), 0, 0);
    out->bordered = take(w, border * input->channels, sizeof(float), 0, 0);
}

static void take_layer(scratch_plan *w, uint32_t index, bc_layer_scratch *out)
{
    const bc_layer_plan *layer = &w->plan->layers[index];
    uint32_t now = index + 1, last = last_read(w->plan, index);
    uint64_t listed = layer->in.sample_stride + layer->lanes, places = br_map_places(layer->in);
    bool pool = layer->layer->kind == BT_LAYER_POOL;
    out->joined = take(w, layer->layer->source_count > 1 ? layer->in.sample_stride : 0, sizeof(float), now, now);
    out->drive = take(w, layer->out.sample_stride, sizeof(float), now, last);
    out->out = take(w, layer->out.sample_stride, sizeof(float), now, last);
    out->choice = take(w, pool ? layer->out.sample_stride : 0, sizeof(uint32_t), now, now);
    if (pool)
        return;
    if (layer->int8.sample_stride > 0) {
        out->codes = take(w, layer->int8.sample_stride, 1, now, now);
        out->live = take(w, layer->int8.live_stride, sizeof(uint32_t), now, now);
        out->input_sum = take(w, br_map_places(layer->out), sizeof(float), now, now);
        return;
    }
    out->live_count = take(w, 1, sizeof(uint32_t), now, now);
    out->live_index = take(w, listed, sizeof(uint32_t), now, now);
    out->live_start = take(w, layer->layer->kind == BT_LAYER_CONV ? places + 1 : 0, sizeof(uint32_t), now, now);
    out->live_o = take(w, listed, sizeof(float), now, now);
    out->live_q = take(w, listed, sizeof(float), now, now);
    out->live_t = take(w, listed, sizeof(float), now, now);
    out->input_sum = take(w, br_map_places(layer->out), sizeof(float), now, now);
}

int bc_scratch_new(const bc_plan *plan, bc_scratch *out, br_error *error)
{
    scratch_plan w = {.plan = plan};
    *out = (bc_scratch){.layers = calloc(plan->layer_count, sizeof *out->layers)};
    if (out->layers)
        take_input(&w, out);
    for (uint32_t i = 0; out->layers && i < plan->layer_count; i++)
        take_layer(&w, i, &out->layers[i]);
    bool failed = !out->layers || w.buffers.failed;
    out->bytes = w.buffers.size;
    bc_buffers_free(&w.buffers);
    if (!failed)
        return 0;
    bc_scratch_free(out);
    return br_fail(error, BR_ERROR_CHECK, "network %s: one sample needs more working memory than code can be built for",
                   plan->program->name);
}

void bc_scratch_free(bc_scratch *scratch)
{
    free(scratch->layers);
    scratch->layers = NULL;
}
