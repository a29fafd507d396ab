/* Sums over the live inputs of one field, in memory: equations (1), (2).
 *
 *     for each input with o > 0:  for each connection of its list, from the lowest bound on, while it is live:
 *         sum of its neuron += what it carries
 *
 * Rows are walked to their end; a core with vectors takes some neurons at a time. */
#include "firmware/sums.h"

#include <stdlib.h>
#include <string.h>

#include "firmware/codes.h"
#include "firmware/quads.h"

/* What a live input brings along: its quanta; or q = 1 - o, t = a_max - 1/q. */
typedef struct input {
    bc_value o, q, t;
    bc_value row; /* i32 */
} input;

static bc_value load(bc_emit *e, LLVMTypeRef type, bc_value base, bc_value index)
{
    return LLVMBuildLoad2(e->builder, type, bc_element(e, type, base, index), "");
}

/* Whether rows hold four bounds, four slopes, and so on; the last ones of a row are fewer. */
static bool in_quads(const bc_small_sums *c)
{
    const bc_stored *s = &c->l->stored;
    return s->int8 && !s->listed && !s->coded && c->f->target.quads && s->pitch >= 4;
}

static void quads(bc_emit *e, bc_owner owner, bc_small_sums *c)
{
    const bc_stored *s = &c->l->stored;
    uint8_t *all = malloc(2 * s->entries + 1), *to = all;
    for (uint64_t at = 0; all && at < s->entries;) {
        uint64_t left = s->pitch - at % s->pitch, count = left < 4 ? left : 4;
        memcpy(to, s->alphas + at, count);
        memcpy(to + count, s->slopes + at, count);
        at += count;
        to += 2 * count;
    }
    e->out_of_memory |= all == NULL;
    c->alphas = bc_data_bytes(e, owner, all ? all : (const uint8_t *)"", all ? 2 * s->entries : 0);
    free(all);
}

static uint32_t run_bytes(const bc_stored *s)
{
    return s->inputs > UINT16_MAX ? 4 : 2;
}

/* The table of runs: where each begins in its map, and how many inputs it has. */
static bc_value runs_of(bc_emit *e, bc_owner owner, const bc_stored *s)
{
    uint32_t *numbers = malloc((2ull * s->run_count + 1) * sizeof *numbers);
    e->out_of_memory |= numbers == NULL;
    for (uint32_t i = 0; numbers && i < s->run_count; i++) {
        numbers[2 * i] = s->runs[i].from;
        numbers[2 * i + 1] = s->runs[i].count;
    }
    bc_value table = bc_data_numbers(e, owner, numbers, numbers ? 2ull * s->run_count : 0, run_bytes(s));
    free(numbers);
    return table;
}

static void constants(bc_emit *e, bc_small_sums *c)
{
    const bc_stored *s = &c->l->stored;
    bc_owner owner = {c->f->program->name, c->l->layer->name};
    if (s->coded) {
        c->alphas = bc_data_bytes(e, owner, s->levels.alphas, BR_LEVELS);
        c->slopes = bc_data_bytes(e, owner, s->levels.slopes, BR_LEVELS);
        c->codes = bc_data_bytes(e, owner, s->codes, s->entries / 2);
    } else if (in_quads(c)) {
        quads(e, owner, c);
    } else if (s->int8) {
        c->alphas = bc_data_bytes(e, owner, s->alphas, s->entries + s->listed); /* the end of the last list is read */
        c->slopes = bc_data_bytes(e, owner, s->slopes, s->entries);
    } else {
        c->bounds = bc_data_floats(e, owner, s->bounds, s->entries + s->listed);
    }
    if (s->trimmed)
        c->runs = runs_of(e, owner, s);
    if (!s->listed)
        return;
    c->starts = bc_data_numbers(e, owner, s->starts, s->rows + 1, s->wide_starts ? 4 : 2);
    c->targets = bc_data_numbers(e, owner, s->targets, s->entries, s->wide_targets ? 2 : 1);
}

bc_small_sums bc_small_sums_new(bc_emit *e, const struct bc_firmware *f, uint32_t layer, const bc_small_arguments *a)
{
    const bc_small_layer *l = &f->layers[layer];
    bc_small_sums c = {.f = f, .l = l, .kernel = bc_kernel_new(l->plan)};
    for (uint32_t i = 0; i < l->layer->source_count; i++)
        c.readers[i] = bc_reader_new(e, f, layer, i, a->in, a->scratch);
    c.sums = bc_offset(e, a->scratch, l->sums);
    c.carried = l->stored.coded ? bc_offset(e, a->scratch, l->carried) : NULL;
    if (l->layer->sum == BT_SUM_SHARED)
        c.all = bc_slot(e, l->int8 ? e->i32 : e->f32, LLVMConstNull(l->int8 ? e->i32 : e->f32), "all");
    if (l->learns)
        c.bounds = bc_offset(e, a->state, l->state_at);
    else
        constants(e, &c);
    return c;
}

/* ---- lists ---- */

/* Differences of bytes times slopes lie in 16 bits, for which an AVR takes three products of bytes instead of ten. */
static bc_value product(bc_emit *e, const bc_small_sums *c, bc_value over, bc_value slope)
{
    if (!c->f->target.avr)
        return LLVMBuildMul(e->builder, over, slope, "");
    LLVMTypeRef i16 = LLVMInt16TypeInContext(e->llvm);
    bc_value a = LLVMBuildTrunc(e->builder, over, i16, ""), b = LLVMBuildTrunc(e->builder, slope, i16, "");
    return LLVMBuildSExt(e->builder, LLVMBuildMul(e->builder, a, b, ""), e->i32, "");
}

/* sum += (o - alpha) slope. */
static void add_quanta(bc_emit *e, const bc_small_sums *c, const input *i, bc_value at, bc_value alpha, bc_value to)
{
    bc_value over = bc_isub(e, i->o, alpha), slope = bc_load_signed(e, c->slopes, at);
    bc_value sum = LLVMBuildLoad2(e->builder, e->i32, to, "");
    sum = LLVMBuildAdd(e->builder, sum, product(e, c, over, slope), "");
    LLVMBuildStore(e->builder, sum, to);
}

/* sum += q (|v| - t) with the sign of v. */
static void add_bound(bc_emit *e, const input *i, bc_value v, bc_value to)
{
    bc_value over = bc_copysign(e, bc_sub(e, bc_abs(e, v), i->t), v);
    LLVMBuildStore(e->builder, bc_muladd(e, i->q, over, LLVMBuildLoad2(e->builder, e->f32, to, "")), to);
}

static void add_list(bc_emit *e, const bc_small_sums *c, const input *i)
{
    const bc_stored *s = &c->l->stored;
    uint32_t bytes = s->wide_starts ? 4 : 2;
    bc_value next = bc_slot(e, e->i32, bc_load_number(e, c->starts, i->row, bytes), "next");
    bc_value end = bc_load_number(e, c->starts, bc_iadd(e, i->row, bc_i32(e, 1)), bytes);
    bc_while loop = bc_while_begin(e, "entry");
    bc_value at = bc_get(e, e->i32, next);
    bc_value bound = s->int8 ? bc_load_number(e, c->alphas, at, 1) : load(e, e->f32, c->bounds, at);
    bc_value live = s->int8 ? bc_iless(e, bound, i->o) : bc_greater(e, bc_abs(e, bound), i->t);
    bc_while_holds(e, &loop, bc_and(e, bc_iless(e, at, end), live));
    bc_value neuron = bc_load_number(e, c->targets, at, s->wide_targets ? 2 : 1);
    bc_value to = bc_element(e, e->i32, c->sums, neuron);
    if (s->int8)
        add_quanta(e, c, i, at, bound, to);
    else
        add_bound(e, i, bound, to);
    bc_set(e, next, bc_iadd(e, at, bc_i32(e, 1)));
    bc_while_end(e, &loop);
}

/* ---- rows ---- */

static bc_value load_lanes(bc_emit *e, bc_value base, bc_value at, bool is_signed)
{
    LLVMTypeRef bytes = e->lanes == 1 ? e->i8 : LLVMVectorType(e->i8, e->lanes);
    bc_value loaded = LLVMBuildLoad2(e->builder, bytes, bc_element(e, e->i8, base, at), "");
    LLVMSetAlignment(loaded, 1);
    return is_signed ? LLVMBuildSExt(e->builder, loaded, e->vector_i32, "")
                     : LLVMBuildZExt(e->builder, loaded, e->vector_i32, "");
}

static bc_value lanes_at(bc_emit *e, LLVMTypeRef type, bc_value base, bc_value at)
{
    bc_value loaded = LLVMBuildLoad2(e->builder, type, bc_element(e, e->i32, base, at), "");
    LLVMSetAlignment(loaded, 4);
    return loaded;
}

static void store_lanes(bc_emit *e, bc_value base, bc_value at, bc_value value)
{
    LLVMSetAlignment(LLVMBuildStore(e->builder, value, bc_element(e, e->i32, base, at)), 4);
}

/* sum += max(0, o - alpha) slope. One neuron at a time looks at its slope only where it is live. */
static void add_row_quanta(bc_emit *e, const bc_small_sums *c, const input *i, bc_value n, bc_value at)
{
    bc_value alpha = load_lanes(e, c->alphas, at, false), o = bc_splat(e, i->o), zero = LLVMConstNull(e->vector_i32);
    bc_branch live = {0};
    if (e->lanes == 1)
        live = bc_if(e, bc_iless(e, alpha, o), "live");
    bc_value over = bc_isub(e, o, alpha);
    if (e->lanes > 1)
        over = bc_select(e, LLVMBuildICmp(e->builder, LLVMIntSGT, over, zero, ""), over, zero);
    bc_value carried = product(e, c, over, load_lanes(e, c->slopes, at, true));
    store_lanes(e, c->sums, n, LLVMBuildAdd(e->builder, lanes_at(e, e->vector_i32, c->sums, n), carried, ""));
    if (e->lanes == 1)
        bc_endif(e, &live);
}

static void add_row_bounds(bc_emit *e, const bc_small_sums *c, const input *i, bc_value n, bc_value at)
{
    bc_value w = lanes_at(e, e->vector, c->bounds, at), sum = lanes_at(e, e->vector, c->sums, n);
    bc_value q = bc_splat(e, i->q), t = bc_splat(e, i->t);
    sum = c->kernel.plan->soft ? bc_muladd(e, q, bc_soft(e, w, t, 0), sum)
                               : bc_add(e, sum, bc_contribution(e, &c->kernel, w, q, t));
    store_lanes(e, c->sums, n, sum);
}

/* The same for four neurons: one saturating subtraction tells whether any of them is live. `from` is their bounds, and
 * behind them their slopes; `to` their sums. */
static void add_quad(bc_emit *e, bc_value four, bc_value from, bc_value to)
{
    static const char *const products[2] = {"llvm.arm.smlabb", "llvm.arm.smlatt"};
    bc_value over = bc_arm(e, "llvm.arm.uqsub8", four, bc_load_quad(e, from), NULL), sums[4];
    bc_branch live = bc_if(e, LLVMBuildICmp(e->builder, LLVMIntNE, over, bc_i32(e, 0), ""), "live");
    bc_value slopes = bc_load_quad(e, bc_element(e, e->i8, from, bc_i32(e, 4)));
    for (uint32_t k = 0; k < 4; k++)
        sums[k] = lanes_at(e, e->i32, to, bc_i32(e, k));
    for (uint32_t odd = 0; odd < 2; odd++) {
        bc_value o = bc_halves(e, over, odd, false), slope = bc_halves(e, slopes, odd, true);
        for (uint32_t top = 0; top < 2; top++)
            sums[2 * top + odd] = bc_arm(e, products[top], o, slope, sums[2 * top + odd]);
    }
    for (uint32_t k = 0; k < 4; k++)
        store_lanes(e, to, bc_i32(e, k), sums[k]);
    bc_endif(e, &live);
}

/* `count` quads of a row from number `first` on. */
static void add_quads(bc_emit *e, const bc_small_sums *c, bc_value four, bc_value row, bc_value first, uint32_t count)
{
    bc_value from = bc_element(e, e->i8, row, bc_imul(e, first, 8));
    bc_value to = bc_element(e, e->i32, c->sums, bc_imul(e, first, 4));
    for (uint32_t k = 0; k < count; k++)
        add_quad(e, four, bc_element(e, e->i8, from, bc_i32(e, 8 * k)), bc_element(e, e->i32, to, bc_i32(e, 4 * k)));
}

/* Four neurons at a time, the last ones one by one. For speed, up to 8 quads stand one after the other. */
static void add_row_of_quads(bc_emit *e, const bc_small_sums *c, const input *i)
{
    enum { UNROLLED = 8 };
    uint32_t pitch = c->l->stored.pitch, quads = pitch / 4, step = c->f->options.speed ? UNROLLED : 1;
    step = step < quads ? step : quads;
    bc_value row = bc_element(e, e->i8, c->alphas, bc_imul(e, i->row, 2 * pitch));
    bc_value four = LLVMBuildMul(e->builder, i->o, bc_i32(e, 0x01010101), "");
    bc_loop blocks = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, quads), step, "quads");
    add_quads(e, c, four, row, blocks.i, step);
    bc_loop_end(e, &blocks);
    add_quads(e, c, four, row, bc_i32(e, quads / step * step), quads % step);
    if (pitch % 4 == 0)
        return;
    row = bc_element(e, e->i8, row, bc_i32(e, 8 * quads));
    bc_small_sums rest = *c;
    rest.alphas = row;
    rest.slopes = bc_element(e, e->i8, row, bc_i32(e, pitch % 4));
    rest.sums = bc_element(e, e->i32, c->sums, bc_i32(e, 4 * quads));
    bc_loop each = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, pitch % 4), 1, "rest");
    add_row_quanta(e, &rest, i, each.i, each.i);
    bc_loop_end(e, &each);
}

static void add_row(bc_emit *e, const bc_small_sums *c, const input *i)
{
    const bc_stored *s = &c->l->stored;
    bc_value first = bc_imul(e, i->row, s->pitch);
    if (s->coded) {
        bc_add_codes(e, c, i->o, i->row);
        return;
    }
    if (in_quads(c)) {
        add_row_of_quads(e, c, i);
        return;
    }
    bc_emit_lanes(e, c->l->learns ? 1 : c->f->target.simd);
    bc_loop loop = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, s->pitch), e->lanes, "neuron");
    bc_value at = bc_iadd(e, first, loop.i);
    if (s->int8)
        add_row_quanta(e, c, i, loop.i, at);
    else
        add_row_bounds(e, c, i, loop.i, at);
    bc_loop_end(e, &loop);
    bc_emit_lanes(e, 1);
}

/* ---- inputs ---- */

static void add_input(bc_emit *e, const bc_small_sums *c, const bc_reader *r, bc_value index, bc_value row)
{
    input i = {.o = bc_read(e, r, index), .row = row};
    bc_branch live = bc_if(e, bc_is_live(e, r, i.o), "live");
    if (!r->int8) {
        bc_value one = bc_f32(e, 1);
        i.q = bc_sub(e, one, i.o);
        i.t = bc_sub(e, bc_f32(e, (double)c->kernel.a_max), bc_div(e, one, i.q));
    }
    if (c->all) {
        bc_value all = bc_get(e, r->int8 ? e->i32 : e->f32, c->all);
        bc_set(e, c->all, r->int8 ? bc_iadd(e, all, i.o) : bc_add(e, all, i.o));
    }
    if (c->l->stored.listed)
        add_list(e, c, &i);
    else
        add_row(e, c, &i);
    bc_endif(e, &live);
}

/* `count` values of a map from `from` on; their rows begin with `row`. */
static void add_values(bc_emit *e, const bc_small_sums *c, const bc_reader *r, bc_value from, bc_value row,
                       bc_value count)
{
    bc_loop loop = bc_loop_begin(e, bc_i32(e, 0), count, 1, "input");
    add_input(e, c, r, bc_iadd(e, from, loop.i), bc_iadd(e, row, loop.i));
    bc_loop_end(e, &loop);
}

static void add_dense(bc_emit *e, const bc_small_sums *c)
{
    uint32_t row = 0;
    for (uint32_t s = 0; s < c->l->layer->source_count; s++) {
        const bc_small_map *map = c->readers[s].map;
        uint32_t count = map->height * map->width * map->channels;
        add_values(e, c, &c->readers[s], bc_i32(e, 0), bc_i32(e, row), bc_i32(e, count));
        row += count;
    }
}

/* Only the inputs of runs, whose rows follow each other. */
static void add_runs(bc_emit *e, const bc_small_sums *c)
{
    const bc_stored *stored = &c->l->stored;
    bc_value row = bc_slot(e, e->i32, bc_i32(e, 0), "row");
    for (uint32_t s = 0, first = 0, end = 0; s < c->l->layer->source_count; s++, first = end) {
        while (end < stored->run_count && stored->runs[end].source == s)
            end++;
        if (first == end)
            continue;
        bc_loop each = bc_loop_begin(e, bc_i32(e, first), bc_i32(e, end), 1, "run");
        bc_value at = bc_imul(e, each.i, 2), begins = bc_get(e, e->i32, row);
        bc_value from = bc_load_number(e, c->runs, at, run_bytes(stored));
        bc_value count = bc_load_number(e, c->runs, bc_iadd(e, at, bc_i32(e, 1)), run_bytes(stored));
        add_values(e, c, &c->readers[s], from, begins, count);
        bc_set(e, row, bc_iadd(e, begins, count));
        bc_loop_end(e, &each);
    }
}

/* Row or column `at` of the field of the place number `place`, in the map below; *inside: whether it lies there. */
static bc_value below(bc_emit *e, const bl_layer *layer, bc_value place, bc_value at, bool rows, bc_value *inside)
{
    uint32_t pad = rows ? layer->pad_top : layer->pad_left, size = rows ? layer->in.height : layer->in.width;
    bc_value here = LLVMBuildAdd(e->builder, bc_imul(e, place, layer->stride), at, "");
    here = pad > 0 ? bc_isub(e, here, bc_i32(e, pad)) : here; /* below 0 it is a large number */
    *inside = bc_iless(e, here, bc_i32(e, size));
    return here;
}

static bool has_border(const bl_layer *layer, bool rows)
{
    uint32_t out = rows ? layer->out.height : layer->out.width, in = rows ? layer->in.height : layer->in.width;
    uint32_t field = rows ? layer->field_height : layer->field_width;
    return (rows ? layer->pad_top : layer->pad_left) > 0 || (out - 1) * layer->stride + field > in;
}

static void add_field(bc_emit *e, const bc_small_sums *c, bc_value y, bc_value x)
{
    const bl_layer *layer = c->l->layer;
    bc_value in_rows, in_columns;
    bc_branch row_inside = {0}, column_inside = {0};
    bc_loop rows = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, layer->field_height), 1, "row");
    bc_value here = below(e, layer, y, rows.i, true, &in_rows);
    if (has_border(layer, true))
        row_inside = bc_if(e, in_rows, "row.inside");
    bc_loop columns = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, layer->field_width), 1, "column");
    bc_value across = below(e, layer, x, columns.i, false, &in_columns);
    if (has_border(layer, false))
        column_inside = bc_if(e, in_columns, "column.inside");
    bc_value place = bc_iadd(e, bc_imul(e, here, layer->in.width), across);
    bc_value row = bc_iadd(e, bc_imul(e, rows.i, layer->field_width), columns.i);
    uint32_t offset = 0;
    for (uint32_t s = 0; s < layer->source_count; s++) {
        uint32_t channels = c->readers[s].map->channels;
        bc_value first = bc_iadd(e, bc_imul(e, row, layer->in.channels), bc_i32(e, offset));
        add_values(e, c, &c->readers[s], bc_imul(e, place, channels), first, bc_i32(e, channels));
        offset += channels;
    }
    if (has_border(layer, false))
        bc_endif(e, &column_inside);
    bc_loop_end(e, &columns);
    if (has_border(layer, true))
        bc_endif(e, &row_inside);
    bc_loop_end(e, &rows);
}

void bc_emit_sums(bc_emit *e, bc_small_sums *c, bc_value y, bc_value x)
{
    bc_loop clear = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, c->l->stored.pitch), 1, "clear");
    LLVMBuildStore(e->builder, bc_i32(e, 0), bc_element(e, e->i32, c->sums, clear.i));
    bc_loop_end(e, &clear);
    if (c->all)
        bc_set(e, c->all, LLVMConstNull(c->l->int8 ? e->i32 : e->f32));
    if (c->kernel.conv)
        add_field(e, c, y, x);
    else if (c->runs)
        add_runs(e, c);
    else
        add_dense(e, c);
}
