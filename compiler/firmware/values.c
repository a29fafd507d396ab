/* Values of maps. A sample of bytes is never copied: each layer that reads it maps bytes on its own activations, by a
 * multiplication where that gives the same bits, otherwise by a table. */
#include "firmware/values.h"

#include <stdlib.h>

#include "plan/numbers.h"

enum { BYTES = UINT8_MAX + 1 };

void bc_byte_activations(const struct bc_firmware *f, float *out)
{
    for (int b = 0; b < BYTES; b++)
        out[b] = bc_activation_of(b, f->low, f->high, (float)f->program->input.range);
}

/* A factor that gives every activation of a byte; 0: there is none. */
static float factor_of(const float *activations)
{
    float factor = activations[UINT8_MAX] / UINT8_MAX;
    for (int b = 0; b < BYTES; b++)
        if ((float)b * factor != activations[b])
            return 0;
    return factor;
}

static void map_bytes(bc_emit *e, const struct bc_firmware *f, uint32_t layer, bc_reader *r)
{
    float activations[BYTES];
    uint8_t quanta[BYTES];
    bool same = true;
    bc_owner owner = {f->program->name, f->layers[layer].layer->name};
    bc_byte_activations(f, activations);
    for (int b = 0; b < BYTES; b++) {
        quanta[b] = r->int8 ? br_quantum_of(activations[b], r->per_quantum) : 0;
        same = same && quanta[b] == b;
    }
    r->factor = r->int8 ? (float)same : factor_of(activations);
    if (r->factor == 0)
        r->table = r->int8 ? bc_data_bytes(e, owner, quanta, BYTES) : bc_data_floats(e, owner, activations, BYTES);
}

bc_reader bc_reader_new(bc_emit *e, const struct bc_firmware *f, uint32_t layer, uint32_t source, bc_value in,
                        bc_value scratch)
{
    const bc_small_layer *l = &f->layers[layer];
    bc_reader r = {.map = bc_small_source(f, l->layer->sources[source]), .int8 = l->int8};
    r.per_quantum = l->int8 ? l->scales.per_quantum : 0;
    r.base = r.map->form == BC_FORM_RAW ? in : bc_offset(e, scratch, r.map->at);
    if (r.map->form == BC_FORM_RAW)
        map_bytes(e, f, layer, &r);
    return r;
}

bc_value bc_quantum(bc_emit *e, float per_quantum, bc_value o)
{
    bool contracts = !e->no_contraction;
    e->no_contraction = true;
    bc_value scaled = bc_add(e, bc_mul(e, o, bc_f32(e, (double)per_quantum)), bc_f32(e, 0.5));
    e->no_contraction = !contracts;
    return LLVMBuildFPToSI(e->builder, bc_min(e, scaled, bc_f32(e, UINT8_MAX)), e->i32, "");
}

static bc_value load_f32(bc_emit *e, bc_value base, bc_value index)
{
    return LLVMBuildLoad2(e->builder, e->f32, bc_element(e, e->f32, base, index), "");
}

static bc_value read_byte(bc_emit *e, const bc_reader *r, bc_value index)
{
    bc_value byte = bc_load_number(e, r->base, index, 1);
    if (r->table)
        return r->int8 ? bc_load_number(e, r->table, byte, 1) : load_f32(e, r->table, byte);
    if (r->int8)
        return byte;
    return bc_mul(e, LLVMBuildSIToFP(e->builder, byte, e->f32, ""), bc_f32(e, (double)r->factor));
}

bc_value bc_read(bc_emit *e, const bc_reader *r, bc_value index)
{
    if (r->map->form == BC_FORM_RAW)
        return read_byte(e, r, index);
    if (r->map->form == BC_FORM_QUANTA)
        return bc_load_number(e, r->base, index, 1);
    bc_value o = load_f32(e, r->base, index);
    return r->int8 ? bc_quantum(e, r->per_quantum, o) : o;
}

bc_value bc_is_live(bc_emit *e, const bc_reader *r, bc_value value)
{
    return r->int8 ? LLVMBuildICmp(e->builder, LLVMIntNE, value, bc_i32(e, 0), "") : bc_greater(e, value, bc_f32(e, 0));
}

void bc_write(bc_emit *e, const bc_small_map *map, bc_value scratch, bc_value index, bc_value o)
{
    bc_value base = bc_offset(e, scratch, map->at);
    if (map->form == BC_FORM_FLOATS) {
        LLVMBuildStore(e->builder, o, bc_element(e, e->f32, base, index));
        return;
    }
    bc_value quantum = LLVMBuildTrunc(e->builder, bc_quantum(e, map->per_quantum, o), e->i8, "");
    LLVMBuildStore(e->builder, quantum, bc_element(e, e->i8, base, index));
}

bc_small_places bc_small_places_begin(bc_emit *e, const bc_small_map *map)
{
    bc_small_places p = {.alone = map->height == 1 && map->width == 1};
    if (p.alone) {
        p.place = (bc_small_place){bc_i32(e, 0), bc_i32(e, 0), bc_i32(e, 0)};
        return p;
    }
    p.rows = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, map->height), 1, "y");
    p.columns = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, map->width), 1, "x");
    bc_value place = bc_iadd(e, bc_imul(e, p.rows.i, map->width), p.columns.i);
    p.place = (bc_small_place){p.rows.i, p.columns.i, bc_imul(e, place, map->channels)};
    return p;
}

void bc_small_places_end(bc_emit *e, bc_small_places *places)
{
    if (places->alone)
        return;
    bc_loop_end(e, &places->columns);
    bc_loop_end(e, &places->rows);
}

/* ---- samples of floats ---- */

/* u = clamp((raw - low)/(high - low), 0, 1), or 2u - 1: as artefact/ranges.c, in floats. */
static bc_value in_columns(bc_emit *e, const struct bc_firmware *f, bc_value raw, bc_value column)
{
    const br_schema *schema = f->options.schema;
    bc_owner owner = {f->program->name, NULL};
    float *numbers = malloc(2ull * schema->range_count * sizeof *numbers);
    if (!numbers) {
        e->out_of_memory = true;
        return raw;
    }
    for (uint32_t i = 0; i < schema->range_count; i++) {
        numbers[i] = (float)schema->ranges[i].low;
        numbers[schema->range_count + i] = (float)(schema->ranges[i].high - schema->ranges[i].low);
    }
    bc_value lows = bc_data_floats(e, owner, numbers, schema->range_count);
    bc_value spans = bc_data_floats(e, owner, numbers + schema->range_count, schema->range_count);
    free(numbers);
    bc_value u = bc_div(e, bc_sub(e, raw, load_f32(e, lows, column)), load_f32(e, spans, column));
    u = bc_min(e, bc_max(e, u, bc_f32(e, 0)), bc_f32(e, 1));
    return schema->centred ? bc_sub(e, bc_mul(e, bc_f32(e, 2), u), bc_f32(e, 1)) : u;
}

/* One walk over the values of a sample; columns of channels repeat with every place. */
bc_value bc_emit_small_input(bc_emit *e, const struct bc_firmware *f, bc_owner owner)
{
    const bl_input *input = &f->program->input;
    uint32_t values = (uint32_t)bl_sample_values(input);
    uint32_t columns = f->columns ? f->options.schema->range_count : values;
    LLVMTypeRef parameters[2] = {e->ptr, e->ptr};
    bc_value function = bc_owned_function(e, owner, "input", LLVMFunctionType(e->none, parameters, 2, 0));
    bc_begin(e, "input");
    bc_loop places = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, values), columns, "place");
    bc_loop each = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, columns), 1, "value");
    bc_value at = bc_iadd(e, places.i, each.i), raw = load_f32(e, LLVMGetParam(function, 0), at);
    if (f->columns)
        raw = in_columns(e, f, raw, each.i);
    bc_value u = bc_div(e, bc_sub(e, raw, bc_f32(e, f->low)), bc_f32(e, f->high - f->low));
    u = bc_min(e, bc_max(e, u, bc_f32(e, 0)), bc_f32(e, 1));
    bc_write(e, &f->input, LLVMGetParam(function, 1), at, bc_mul(e, bc_f32(e, (double)(float)input->range), u));
    bc_loop_end(e, &each);
    bc_loop_end(e, &places);
    LLVMBuildRetVoid(e->builder);
    return function;
}
