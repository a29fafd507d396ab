/* The activity of a sample: every layer's drives and activations, copied out of scratch memory one after the other, and
 * the table of their positions. */
#include "artefact/trace.h"

#include <stdlib.h>
#include <string.h>

#include "artefact/constants.h"

/* Reserves `count` floats of the trace. */
static uint32_t take(bc_trace *t, uint64_t count)
{
    uint64_t at = t->floats;
    t->floats += count;
    return (uint32_t)at;
}

static uint64_t values_of(const bt_shape *shape)
{
    return bt_values(*shape);
}

static void describe_input(bc_trace *t, const bl_input *input)
{
    bc_trace_layer *out = &t->layers[0];
    out->name = "input"; /* not allowed as the name of a layer */
    out->kind = BC_TRACE_INPUT;
    out->height = input->encoded.height;
    out->width = input->encoded.width;
    out->channels = input->encoded.channels;
    out->top = input->range;
    out->drives = out->activations = take(t, values_of(&input->encoded));
}

static bc_trace_kind kind_of(const bl_layer *layer)
{
    static const bc_trace_kind pools[] = {
        [BT_POOL_MAX] = BC_TRACE_POOL_MAX, [BT_POOL_MEAN] = BC_TRACE_POOL_MEAN, [BT_POOL_SUM] = BC_TRACE_POOL_SUM};
    if (layer->kind == BT_LAYER_POOL)
        return pools[layer->pooling];
    return layer->kind == BT_LAYER_CONV ? BC_TRACE_CONVOLUTION : BC_TRACE_DENSE;
}

static void describe_layer(bc_trace *t, const bl_layer *layer, bc_trace_layer *out)
{
    const bc_trace_layer *source = &t->layers[bc_trace_row(layer->sources[0])];
    bool joined = layer->source_count > 1;
    out->name = layer->name;
    out->source_count = layer->source_count;
    out->kind = kind_of(layer);
    out->height = layer->out.height;
    out->width = layer->out.width;
    out->channels = layer->out.channels;
    out->in_height = layer->in.height;
    out->in_width = layer->in.width;
    out->in_channels = layer->in.channels;
    out->field_height = layer->field_height;
    out->field_width = layer->field_width;
    out->hop = layer->kind == BT_LAYER_DENSE || layer->grid ? 0 : layer->stride;
    out->pad_top = layer->pad_top;
    out->pad_left = layer->pad_left;
    out->connections = layer->kind == BT_LAYER_POOL ? 0 : layer->inputs;
    out->top = layer->range_out;
    out->reads = joined ? take(t, values_of(&layer->in)) : source->activations;
    out->ranks = joined ? out->reads : source->drives;
    out->drives = take(t, values_of(&layer->out));
    out->activations = take(t, values_of(&layer->out));
}

int bc_trace_new(const bl_program *program, bc_trace *out, br_error *error)
{
    *out = (bc_trace){.layer_count = program->layer_count + 1};
    out->layers = calloc(out->layer_count, sizeof *out->layers);
    if (!out->layers)
        return br_fail(error, BR_ERROR_FAULT, "out of memory for what %u layers leave in a trace",
                       program->layer_count);
    describe_input(out, &program->input);
    for (uint32_t i = 0; i < program->layer_count; i++)
        describe_layer(out, &program->layers[i], &out->layers[i + 1]);
    if (out->floats <= UINT32_MAX / sizeof(float))
        return 0;
    bc_trace_free(out);
    return br_fail(error, BR_ERROR_CHECK,
                   "network %s: the activations of one sample are more than code can be built for", program->name);
}

void bc_trace_free(bc_trace *trace)
{
    free(trace->layers);
    trace->layers = NULL;
}

/* ---- copies ---- */

void bc_emit_trace_copy(bc_emit *e, bc_value trace, uint32_t at, bc_value from, const br_map *map)
{
    bc_value to = bc_offset(e, trace, at * sizeof(float));
    bc_loop places = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, map->height * map->width), 1, "place");
    bc_value read = bc_row(e, e->f32, from, places.i, map->pitch);
    bc_value written = bc_row(e, e->f32, to, places.i, map->channels);
    bc_loop channels = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, map->channels), 1, "channel");
    bc_store_f32(e, written, channels.i, bc_load_f32(e, read, channels.i));
    bc_loop_end(e, &channels);
    bc_loop_end(e, &places);
}

/* ---- the table ---- */

static bc_value sources_data(bc_emit *e, const bl_layer *layer)
{
    bc_value *rows = malloc(layer->source_count * sizeof(bc_value));
    if (!rows)
        return NULL;
    for (uint32_t i = 0; i < layer->source_count; i++)
        rows[i] = bc_i32(e, bc_trace_row(layer->sources[i]));
    bc_value data = LLVMConstArray(e->i32, rows, layer->source_count);
    free(rows);
    return bc_constant(e, data, "sources", LLVMPrivateLinkage);
}

static bc_value row_data(bc_emit *e, const bc_trace_layer *row, const bl_layer *layer)
{
    bc_value sources = layer ? sources_data(e, layer) : LLVMConstNull(e->ptr);
    if (!sources)
        return NULL;
    bc_value fields[] = {bc_constant_text(e, row->name, "name"), sources, bc_f32(e, row->top),
#define FIELD(member, ...) bc_i32(e, row->member),
                         BC_TRACE_FIELDS(FIELD)
#undef FIELD
    };
    return LLVMConstStructInContext(e->llvm, fields, sizeof fields / sizeof *fields, 0);
}

bc_value bc_emit_trace_table(bc_emit *e, const bc_trace *trace, const bl_program *program)
{
    bc_value *rows = malloc(trace->layer_count * sizeof(bc_value)), table = NULL;
    bool whole = rows != NULL;
    for (uint32_t i = 0; whole && i < trace->layer_count; i++) {
        rows[i] = row_data(e, &trace->layers[i], i ? &program->layers[i - 1] : NULL);
        whole = rows[i] != NULL;
    }
    if (whole) {
        bc_value data = LLVMConstArray(LLVMTypeOf(rows[0]), rows, trace->layer_count);
        table = bc_constant(e, data, "layers", LLVMPrivateLinkage);
    }
    free(rows);
    return table;
}
