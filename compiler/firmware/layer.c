/* The code of one layer: sums at every place, the largest sum of each window of a pool behind it, drives, activations:
 * equations (2) to (4). Sums grow with drives, since gamma and gains are above 0: the largest sum of a window is that of
 * the largest drive. */
#include "firmware/layer.h"

#include "forward/forward.h"

typedef struct work {
    const struct bc_firmware *f;
    const bc_small_layer *l;
    bc_small_sums sums;
    bc_value scratch, largest;
    bc_value theta, scale; /* constants; NULL: the same for all neurons */
    LLVMTypeRef number;    /* of a sum: i32 or float */
} work;

/* ---- from sums to activations ---- */

/* gamma times the value of 1 in a sum; runtime/engine/forward.c and forward/int8.c, in their order of operations. (4) */
static bc_value worth(bc_emit *e, const work *w)
{
    const bc_kernel *k = &w->sums.kernel;
    bc_value zero = bc_f32(e, 0), scale = bc_f32(e, (double)w->l->scales.scale);
    bc_value all = w->sums.all ? bc_get(e, w->number, w->sums.all) : bc_f32(e, 1);
    if (!w->l->int8)
        return bc_gamma(e, k, all);
    if (!w->sums.all)
        return bc_mul(e, bc_gamma(e, k, bc_f32(e, 1)), scale);
    all = LLVMBuildSIToFP(e->builder, all, e->f32, "");
    bc_value gain = bc_mul(e, bc_f32(e, k->layer->gain), scale);
    bc_value gamma = bc_div(e, gain, bc_mul(e, all, bc_f32(e, (double)w->l->scales.quantum)));
    return bc_select(e, bc_greater(e, all, zero), gamma, zero);
}

static bc_value number_of(bc_emit *e, bc_value array, float same, bc_value n)
{
    return array ? LLVMBuildLoad2(e->builder, e->f32, bc_element(e, e->f32, array, n), "") : bc_f32(e, (double)same);
}

/* Drives and activations of all neurons at a place whose values begin with `at`. */
static void finish(bc_emit *e, const work *w, bc_value at)
{
    const bc_kernel *k = &w->sums.kernel;
    bc_value from = w->largest ? w->largest : w->sums.sums, each = worth(e, w);
    bc_loop neurons = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, w->l->layer->neurons), 1, "finish");
    bc_value place = bc_element(e, w->number, from, neurons.i);
    bc_value sum = LLVMBuildLoad2(e->builder, w->number, place, "");
    bc_value x = bc_mul(e, w->l->int8 ? LLVMBuildSIToFP(e->builder, sum, e->f32, "") : sum, each);
    bc_neurons n = {.block = neurons.i,
                    .theta = number_of(e, w->theta, w->l->theta[0], neurons.i),
                    .scale = number_of(e, w->scale, w->l->scale[0], neurons.i)};
    if (w->l->layer->homeostasis)
        x = bc_muladd(e, x, n.scale, bc_neg(e, n.theta));
    if (w->l->last)
        LLVMBuildStore(e->builder, x, place);
    else
        bc_write(e, &w->l->out, w->scratch, bc_iadd(e, at, neurons.i), bc_activation(e, k, &n, x));
    bc_loop_end(e, &neurons);
}

/* ---- places ---- */

static void each_place(bc_emit *e, work *w)
{
    const bt_shape *out = &w->l->layer->out;
    if (out->height * out->width == 1) {
        bc_emit_sums(e, &w->sums, bc_i32(e, 0), bc_i32(e, 0));
        finish(e, w, bc_i32(e, 0));
        return;
    }
    bc_loop rows = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, out->height), 1, "y");
    bc_loop columns = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, out->width), 1, "x");
    bc_emit_sums(e, &w->sums, rows.i, columns.i);
    finish(e, w, bc_imul(e, bc_iadd(e, bc_imul(e, rows.i, out->width), columns.i), out->channels));
    bc_loop_end(e, &columns);
    bc_loop_end(e, &rows);
}

static void keep_larger(bc_emit *e, const work *w)
{
    bc_loop neurons = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, w->l->layer->neurons), 1, "larger");
    bc_value to = bc_element(e, w->number, w->largest, neurons.i);
    bc_value sum = LLVMBuildLoad2(e->builder, w->number, bc_element(e, w->number, w->sums.sums, neurons.i), "");
    bc_value held = LLVMBuildLoad2(e->builder, w->number, to, "");
    bc_value larger = w->l->int8 ? LLVMBuildICmp(e->builder, LLVMIntSGT, sum, held, "") : bc_greater(e, sum, held);
    LLVMBuildStore(e->builder, bc_select(e, larger, sum, held), to);
    bc_loop_end(e, &neurons);
}

static void each_window(bc_emit *e, work *w)
{
    const bl_layer *pool = w->f->layers[w->l->pool].layer;
    bc_value least = w->l->int8 ? bc_i32(e, (uint32_t)INT32_MIN) : bc_f32(e, -3.0e38);
    bc_loop rows = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, pool->out.height), 1, "y");
    bc_loop columns = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, pool->out.width), 1, "x");
    bc_loop clear = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, w->l->layer->neurons), 1, "least");
    LLVMBuildStore(e->builder, least, bc_element(e, w->number, w->largest, clear.i));
    bc_loop_end(e, &clear);
    bc_loop down = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, pool->field_height), 1, "window.y");
    bc_loop across = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, pool->field_width), 1, "window.x");
    bc_emit_sums(e, &w->sums, bc_iadd(e, bc_imul(e, rows.i, pool->stride), down.i),
                 bc_iadd(e, bc_imul(e, columns.i, pool->stride), across.i));
    keep_larger(e, w);
    bc_loop_end(e, &across);
    bc_loop_end(e, &down);
    bc_value place = bc_iadd(e, bc_imul(e, rows.i, pool->out.width), columns.i);
    finish(e, w, bc_imul(e, place, pool->out.channels));
    bc_loop_end(e, &columns);
    bc_loop_end(e, &rows);
}

bc_value bc_emit_small_layer(bc_emit *e, const struct bc_firmware *f, uint32_t layer)
{
    const bc_small_layer *l = &f->layers[layer];
    bc_owner owner = {f->program->name, l->layer->name};
    LLVMTypeRef parameters[2] = {e->ptr, e->ptr};
    bc_value function = bc_owned_function(e, owner, "layer", LLVMFunctionType(e->none, parameters, 2, 0));
    bc_attribute(e, "noinline", NULL);
    bc_begin(e, l->layer->name);
    work w = {.f = f, .l = l, .scratch = LLVMGetParam(function, 1), .number = l->int8 ? e->i32 : e->f32};
    w.sums = bc_small_sums_new(e, f, layer, LLVMGetParam(function, 0), w.scratch);
    w.largest = l->pool == BC_NO_POOL ? NULL : bc_offset(e, w.scratch, l->largest);
    if (!l->uniform) {
        w.theta = bc_data_floats(e, owner, l->theta, l->layer->neurons);
        w.scale = bc_data_floats(e, owner, l->scale, l->layer->neurons);
    }
    e->no_contraction = l->int8; /* the same bits on every machine */
    if (w.largest)
        each_window(e, &w);
    else
        each_place(e, &w);
    e->no_contraction = false;
    LLVMBuildRetVoid(e->builder);
    return function;
}

/* ---- other pools ---- */

typedef struct cell {
    bc_value y, x; /* of the pool */
    bc_value channel;
    bc_value held; /* slot */
} cell;

/* Borders of cell g of a grid: g n / G; a table, since small cores do not divide. */
static bc_value border(bc_emit *e, bc_owner owner, bc_value at, uint32_t n, uint32_t cells)
{
    uint32_t borders[256];
    for (uint32_t g = 0; g <= cells; g++)
        borders[g] = g * n / cells;
    return bc_load_number(e, bc_data_numbers(e, owner, borders, cells + 1, 2), at, 2);
}

static bc_range range_of(bc_emit *e, const bl_layer *pool, bc_owner owner, bc_value at, bool rows)
{
    bc_value one = bc_i32(e, 1);
    uint32_t n = rows ? pool->in.height : pool->in.width, cells = rows ? pool->out.height : pool->out.width;
    if (pool->grid)
        return (bc_range){border(e, owner, at, n, cells), border(e, owner, bc_iadd(e, at, one), n, cells)};
    bc_value from = bc_imul(e, at, pool->stride);
    return (bc_range){from, bc_iadd(e, from, bc_i32(e, rows ? pool->field_height : pool->field_width))};
}

/* The largest activation, or the mean or sum: as forward/pool.c. Activations grow with drives. */
static bc_value pooled(bc_emit *e, const bc_small_layer *l, bc_owner owner, const bc_reader *r, const cell *c)
{
    const bl_layer *pool = l->layer;
    bc_range down = range_of(e, pool, owner, c->y, true), across = range_of(e, pool, owner, c->x, false);
    bc_set(e, c->held, bc_f32(e, 0));
    bc_loop rows = bc_loop_begin(e, down.from, down.to, 1, "row");
    bc_loop columns = bc_loop_begin(e, across.from, across.to, 1, "column");
    bc_value place = bc_iadd(e, bc_imul(e, rows.i, pool->in.width), columns.i);
    bc_value o = bc_read(e, r, bc_iadd(e, bc_imul(e, place, pool->in.channels), c->channel));
    bc_value held = bc_get(e, e->f32, c->held);
    bc_set(e, c->held, pool->pooling == BT_POOL_MAX ? bc_max(e, o, held) : bc_add(e, held, o));
    bc_loop_end(e, &columns);
    bc_loop_end(e, &rows);
    bc_value result = bc_get(e, e->f32, c->held);
    if (pool->pooling == BT_POOL_MEAN) {
        bc_value places =
            LLVMBuildMul(e->builder, bc_isub(e, down.to, down.from), bc_isub(e, across.to, across.from), "");
        return bc_div(e, result, LLVMBuildSIToFP(e->builder, places, e->f32, ""));
    }
    if (pool->pooling == BT_POOL_MAX)
        return result;
    return bc_min(e, bc_mul(e, result, bc_f32(e, (double)l->calibration)), bc_f32(e, pool->range_out));
}

bc_value bc_emit_small_pool(bc_emit *e, const struct bc_firmware *f, uint32_t layer)
{
    const bc_small_layer *l = &f->layers[layer];
    const bt_shape *out = &l->layer->out;
    bc_owner owner = {f->program->name, l->layer->name};
    LLVMTypeRef parameters[2] = {e->ptr, e->ptr};
    bc_value function = bc_owned_function(e, owner, "layer", LLVMFunctionType(e->none, parameters, 2, 0));
    bc_attribute(e, "noinline", NULL);
    bc_begin(e, l->layer->name);
    bc_value scratch = LLVMGetParam(function, 1);
    bc_reader r = bc_reader_new(e, f, layer, 0, LLVMGetParam(function, 0), scratch);
    cell c = {.held = bc_slot(e, e->f32, bc_f32(e, 0), "held")};
    bc_loop rows = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, out->height), 1, "y");
    bc_loop columns = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, out->width), 1, "x");
    bc_loop channels = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, out->channels), 1, "channel");
    c.y = rows.i, c.x = columns.i, c.channel = channels.i;
    bc_value place = bc_iadd(e, bc_imul(e, rows.i, out->width), columns.i);
    bc_value at = bc_iadd(e, bc_imul(e, place, out->channels), channels.i);
    bc_write(e, &l->out, scratch, at, pooled(e, l, owner, &r, &c));
    bc_loop_end(e, &channels);
    bc_loop_end(e, &columns);
    bc_loop_end(e, &rows);
    LLVMBuildRetVoid(e->builder);
    return function;
}
