/* The forward pass of a dense layer by the packed method (pack.c): equations (2)-(4) with two operations for a vector of
 * connections. A run of packed bounds is the whole field. */
#include "forward/packed.h"

enum { FEW_SAMPLES = 4, PREFETCH_ROWS = 32 };

uint32_t bc_transposed_samples(uint32_t lanes)
{
    return lanes > 8 ? lanes : 8;
}

/* ---- transposing groups of samples: the activations of one input become neighbours ---- */

static bc_value group_at(bc_emit *e, const bc_kernel *k, bc_value transposed, bc_value first)
{
    return bc_row(e, e->f32, transposed, first, k->plan->in.sample_stride); /* `first` is the first sample of a group */
}

static bc_value smaller(bc_emit *e, bc_value a, bc_value b)
{
    return bc_select(e, bc_iless(e, a, b), a, b);
}

/* Transposes squares of samples and inputs in registers, and sums o with one sample per lane. Lanes beyond the last
 * sample repeat it; they are never read. */
void bc_emit_transpose(bc_emit *e, const bc_kernel *k, const char *name)
{
    bc_kernel_args a = bc_function(e, name);
    uint32_t many = bc_transposed_samples(e->lanes), stride = k->plan->in.sample_stride;
    bc_value in = BC_FIELD_PTR(e, a.state, in), sums = BC_FIELD_PTR(e, a.state, input_sum);
    bc_value transposed = BC_FIELD_PTR(e, a.state, tiles.transposed), last = bc_isub(e, a.end, bc_i32(e, 1));
    bc_loop parts = bc_loop_begin(e, a.first, bc_iadd(e, a.end, bc_i32(e, e->lanes - 1)), e->lanes, "samples");
    bc_value lane = LLVMBuildURem(e->builder, parts.i, bc_i32(e, many), "");
    bc_value to = bc_row(e, e->f32, group_at(e, k, transposed, bc_isub(e, parts.i, lane)), lane, 1), square[64];
    bc_value sum = bc_slot(e, e->vector, bc_splat_f32(e, 0), "sum"), from[64];
    for (uint32_t s = 0; s < e->lanes; s++)
        from[s] = bc_row(e, e->f32, in, smaller(e, bc_iadd(e, parts.i, bc_i32(e, s)), last), stride);
    bc_loop inputs = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, stride), e->lanes, "inputs");
    for (uint32_t s = 0; s < e->lanes; s++)
        square[s] = bc_load_vector(e, from[s], inputs.i);
    bc_transpose(e, square);
    for (uint32_t i = 0; i < e->lanes; i++) {
        bc_store_vector(e, to, bc_imul(e, bc_iadd(e, inputs.i, bc_i32(e, i)), many), square[i]);
        bc_set(e, sum, bc_add(e, bc_get(e, e->vector, sum), square[i]));
    }
    bc_loop_end(e, &inputs);
    bc_store_vector(e, sums, parts.i, bc_get(e, e->vector, sum));
    bc_loop_end(e, &parts);
    bc_return(e);
}

/* ---- the forward pass ---- */

/* Sums in registers, one per sample and stretch; groups of samples that use a stretch before the next one is loaded. */
enum { SUMS = 16, GROUPS = 4 };

typedef struct packed_context {
    bc_kernel_args args;
    bc_value transposed, sums, drive, out;
    bc_value block, packed; /* number and bounds of the current block of neurons */
    bc_thresholds thresholds;
    bc_value totals; /* [GROUPS * SUMS] vectors */
    /* of the current tile: address of its inputs, number of groups, samples of each */
    bc_value inputs;
    uint32_t groups, samples;
} packed_context;

static bc_value total_at(bc_emit *e, const packed_context *u, bc_value group, uint32_t sample)
{
    bc_value first = bc_row(e, e->f32, u->totals, group, (uint64_t)u->samples * e->lanes);
    return bc_row(e, e->f32, first, bc_i32(e, sample), e->lanes);
}

typedef void group_body(bc_emit *e, const bc_kernel *k, const packed_context *u, bc_value group, const void *what);
static void each_group(bc_emit *e, const bc_kernel *k, const packed_context *u, group_body *body, const void *what)
{
    if (u->groups == 1) {
        body(e, k, u, bc_i32(e, 0), what);
        return;
    }
    bc_loop groups = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, u->groups), 1, "group");
    body(e, k, u, groups.i, what);
    bc_loop_end(e, &groups);
}

static void clear_totals(bc_emit *e, const bc_kernel *k, const packed_context *u, bc_value group, const void *what)
{
    for (uint32_t s = 0; s < u->samples; s++)
        bc_store_vector(e, total_at(e, u, group, s), bc_i32(e, 0), bc_splat_f32(e, 0));
    (void)k, (void)what;
}

typedef struct stretches {
    bc_value number; /* of the first stretch */
    uint32_t together, inputs;
} stretches;

/* x_k += sum over i of w max(o_i, alpha) - w alpha
 * for `together` stretches from `number` on. Each stretch has its own sum, and the sums are added in order, so the
 * result does not depend on `together`. */
static void add_stretches(bc_emit *e, const bc_kernel *k, const packed_context *u, bc_value group, const void *what)
{
    const stretches *of = what;
    uint32_t many = bc_transposed_samples(e->lanes), together = of->together;
    bc_value sum[SUMS], from[SUMS], o[SUMS];
    bc_value transposed = bc_row(e, e->f32, u->inputs, group, (uint64_t)many * k->plan->in.sample_stride);
    for (uint32_t t = 0; t < together; t++) {
        bc_value number = bc_iadd(e, of->number, bc_i32(e, t));
        from[t] = bc_stretch_at(e, k, u->packed, number);
        o[t] = bc_row(e, e->f32, transposed, number, (uint64_t)k->plan->packed.stretch * many);
        for (uint32_t s = 0; s < u->samples; s++)
            sum[t * u->samples + s] = bc_slot(e, e->vector, bc_splat_f32(e, 0), "stretch");
    }
    bc_loop each = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, of->inputs), 1, "input");
    for (uint32_t t = 0; t < together; t++) {
        bc_value pair = bc_pair_at(e, from[t], each.i), activations = bc_row(e, e->f32, o[t], each.i, many);
        bc_prefetch(e, pair, together * PREFETCH_ROWS * 2 * e->lanes, 2);
        bc_value alpha = bc_load_vector(e, pair, bc_i32(e, 0)), w = bc_load_vector(e, pair, bc_i32(e, e->lanes));
        for (uint32_t s = 0; s < u->samples; s++) {
            bc_value larger = bc_larger_of_one(e, activations, bc_i32(e, s), alpha), slot = sum[t * u->samples + s];
            bc_set(e, slot, bc_muladd(e, larger, w, bc_get(e, e->vector, slot)));
        }
    }
    bc_loop_end(e, &each);
    for (uint32_t t = 0; t < together; t++) {
        bc_value off = bc_load_vector(e, from[t], bc_i32(e, 0));
        for (uint32_t s = 0; s < u->samples; s++) {
            bc_value difference = bc_sub(e, bc_get(e, e->vector, sum[t * u->samples + s]), off);
            bc_value total = total_at(e, u, group, s), zero = bc_i32(e, 0);
            bc_store_vector(e, total, zero, bc_add(e, bc_load_vector(e, total, zero), difference));
        }
    }
}

/* For few samples, several stretches at a time keep the pipes busy. The remaining stretches follow in smaller
 * numbers. */
static void all_stretches(bc_emit *e, const bc_kernel *k, const packed_context *u)
{
    const bc_packed_plan *plan = &k->plan->packed;
    uint32_t whole = plan->run / plan->stretch, rest = plan->run % plan->stretch;
    uint32_t chains = bc_transposed_samples(e->lanes);
    uint32_t together = u->samples >= chains ? 1 : u->samples > 1 ? chains / u->samples : chains / 2;
    bc_value from = bc_i32(e, 0);
    for (; together > 0; together /= 2) {
        if (whole < together)
            continue;
        bc_loop loop = bc_loop_begin(e, from, bc_i32(e, whole), together, "stretch");
        each_group(e, k, u, add_stretches, &(stretches){loop.i, together, plan->stretch});
        bc_loop_end(e, &loop);
        from = loop.rest;
    }
    if (rest > 0)
        each_group(e, k, u, add_stretches, &(stretches){bc_i32(e, whole), 1, rest});
}

/* Computes drives and activations from the sums. `what` is the number of the tile's first sample. */
static void finish_group(bc_emit *e, const bc_kernel *k, const packed_context *u, bc_value group, const void *what)
{
    bc_value first = bc_iadd(e, *(const bc_value *)what, bc_imul(e, group, u->samples));
    for (uint32_t s = 0; s < u->samples; s++) {
        bc_value sample = bc_iadd(e, first, bc_i32(e, s)),
                 sum = bc_load_vector(e, total_at(e, u, group, s), bc_i32(e, 0));
        bc_value gamma = bc_splat(e, bc_gamma(e, k, bc_load_f32(e, u->sums, sample)));
        bc_tile to = {.block = u->block, .thresholds = &u->thresholds};
        to.drive = bc_block(e, bc_row(e, e->f32, u->drive, sample, k->plan->pitch), u->block);
        to.out = bc_block(e, bc_row(e, e->f32, u->out, sample, k->plan->pitch), u->block);
        bc_finish(e, k, &to, 0, bc_mul(e, sum, gamma));
    }
}

/* Several whole groups from sample `first` on, or some samples of one group. */
static void tile(bc_emit *e, const bc_kernel *k, packed_context *u, bc_value first)
{
    bc_value lane = LLVMBuildURem(e->builder, first, bc_i32(e, bc_transposed_samples(e->lanes)), "");
    u->inputs = bc_row(e, e->f32, group_at(e, k, u->transposed, bc_isub(e, first, lane)), lane, 1);
    each_group(e, k, u, clear_totals, NULL);
    all_stretches(e, k, u);
    each_group(e, k, u, finish_group, &first);
}

static void all_samples(bc_emit *e, const bc_kernel *k, packed_context *u)
{
    const struct {
        uint32_t groups, samples;
    } sizes[] = {
        {GROUPS, bc_transposed_samples(e->lanes)}, {1, bc_transposed_samples(e->lanes)}, {1, FEW_SAMPLES}, {1, 1}};
    bc_value from = u->args.first;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        u->groups = sizes[i].groups;
        u->samples = sizes[i].samples;
        bc_loop tiles = bc_loop_begin(e, from, u->args.end, u->groups * u->samples, "tile");
        tile(e, k, u, tiles.i);
        bc_loop_end(e, &tiles);
        from = tiles.rest;
    }
}

void bc_emit_forward_packed(bc_emit *e, const bc_kernel *k, const char *name)
{
    bc_kernel_args a = bc_function(e, name);
    bc_value packed = BC_FIELD_PTR(e, a.state, tiles.packed), theta = BC_FIELD_PTR(e, a.state, theta);
    packed_context u = {.args = a,
                        .transposed = BC_FIELD_PTR(e, a.state, tiles.transposed),
                        .sums = BC_FIELD_PTR(e, a.state, input_sum),
                        .drive = BC_FIELD_PTR(e, a.state, drive),
                        .out = BC_FIELD_PTR(e, a.state, out)};
    u.totals = bc_stack_buffer(e, GROUPS * SUMS * e->lanes, "totals");
    bc_loop blocks = bc_loop_begin(e, a.part_first, a.part_end, 1, "block");
    u.block = blocks.i;
    u.packed = bc_row(e, e->f32, packed, blocks.i, k->plan->packed.stride);
    u.thresholds = bc_thresholds_load(e, k, bc_block(e, theta, blocks.i), 1);
    all_samples(e, k, &u);
    bc_loop_end(e, &blocks);
    bc_return(e);
}
