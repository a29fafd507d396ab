/* The forward pass of a dense layer by the dense method, for inputs of which many are live: equations (2)-(4) on
 * register tiles of samples x neurons. Silent inputs add exactly 0, so drives equal those of the events method, except
 * that narrow layers add in a different order. */
#include "forward/forward.h"

enum { SAMPLES = 4 };

typedef struct dense_context {
    bc_kernel_args args;
    bc_value q, t; /* [batch][rows] */
    bc_value bounds, theta, sums, drive, out;
    /* of the current blocks */
    bc_value block;
    uint32_t count;
    bc_thresholds thresholds;
} dense_context;

/* A tile of samples x blocks of neurons with its sums in registers. */
typedef struct tile {
    uint32_t samples;
    bc_value sample[SAMPLES], q[SAMPLES], t[SAMPLES];
    bc_value total[SAMPLES * 16]; /* slots */
} tile;

/* Adds one input for all samples and neurons of the tile: x += q soft(v, t). */
static void input(bc_emit *e, const bc_kernel *k, const dense_context *u, const tile *at, bc_value i)
{
    bc_value row = bc_block(e, bc_row(e, e->f32, u->bounds, i, k->plan->pitch), u->block), v[16];
    for (uint32_t c = 0; c < u->count; c++)
        v[c] = bc_load_vector(e, row, bc_i32(e, c * e->lanes));
    for (uint32_t s = 0; s < at->samples; s++) {
        bc_value qs = bc_load_splat(e, at->q[s], i), ts = bc_load_splat(e, at->t[s], i);
        for (uint32_t c = 0; c < u->count; c++) {
            bc_value slot = at->total[s * u->count + c];
            bc_value soft = bc_soft(e, v[c], ts, s + c);
            bc_set(e, slot, bc_muladd(e, qs, soft, bc_get(e, e->vector, slot)));
        }
    }
}

/* Computes one tile of samples. */
static void samples_from(bc_emit *e, const bc_kernel *k, const dense_context *u, bc_value first, uint32_t samples)
{
    tile t = {.samples = samples};
    for (uint32_t s = 0; s < samples; s++) {
        t.sample[s] = bc_iadd(e, first, bc_i32(e, s));
        t.q[s] = bc_row(e, e->f32, u->q, t.sample[s], k->plan->in.sample_stride);
        t.t[s] = bc_row(e, e->f32, u->t, t.sample[s], k->plan->in.sample_stride);
    }
    for (uint32_t i = 0; i < samples * u->count; i++)
        t.total[i] = bc_slot(e, e->vector, bc_splat_f32(e, 0), "sum");
    bc_loop inputs = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->plan->rows), 1, "input");
    input(e, k, u, &t, inputs.i);
    bc_loop_end(e, &inputs);
    for (uint32_t s = 0; s < samples; s++) {
        bc_value gamma = bc_splat(e, bc_gamma(e, k, bc_load_f32(e, u->sums, t.sample[s])));
        bc_tile to = {.block = u->block, .thresholds = &u->thresholds};
        to.drive = bc_block(e, bc_row(e, e->f32, u->drive, t.sample[s], k->plan->pitch), u->block);
        to.out = bc_block(e, bc_row(e, e->f32, u->out, t.sample[s], k->plan->pitch), u->block);
        for (uint32_t c = 0; c < u->count; c++) {
            bc_value sum = bc_get(e, e->vector, t.total[s * u->count + c]);
            bc_finish(e, k, &to, c, bc_mul(e, sum, gamma));
        }
    }
}

static void blocks(bc_emit *e, const bc_kernel *k, bc_value block, uint32_t count, void *user)
{
    dense_context *u = user;
    u->block = block;
    u->count = count;
    u->thresholds = bc_thresholds_load(e, k, bc_block(e, u->theta, block), count);
    uint32_t together = e->lanes == 16 ? SAMPLES : 2; /* number of registers: 32, or 16 */
    bc_loop tiles = bc_loop_begin(e, u->args.first, u->args.end, together, "samples");
    samples_from(e, k, u, tiles.i, together);
    bc_loop_end(e, &tiles);
    bc_loop rest = bc_loop_begin(e, tiles.rest, u->args.end, 1, "rest");
    samples_from(e, k, u, rest.i, 1);
    bc_loop_end(e, &rest);
}

void bc_emit_forward_dense(bc_emit *e, const bc_kernel *k, const char *name)
{
    dense_context u = {.args = bc_function(e, name)};
    u.q = BC_FIELD_PTR(e, u.args.state, tiles.q);
    u.t = BC_FIELD_PTR(e, u.args.state, tiles.t);
    u.bounds = BC_FIELD_PTR(e, u.args.state, bounds);
    u.theta = BC_FIELD_PTR(e, u.args.state, theta);
    u.sums = BC_FIELD_PTR(e, u.args.state, input_sum);
    u.drive = BC_FIELD_PTR(e, u.args.state, drive);
    u.out = BC_FIELD_PTR(e, u.args.state, out);
    bc_tiles(e, k, u.args.part_first, u.args.part_end, k->blocks < 4 ? k->blocks : 4, blocks, &u);
    bc_return(e);
}

/* Precomputes q = 1 - o and t(o) = a_max - 1/q for every input, and the sum of o. */
void bc_emit_terms(bc_emit *e, const bc_kernel *k, const char *name)
{
    bc_kernel_args a = bc_function(e, name);
    bc_value in = BC_FIELD_PTR(e, a.state, in), sums = BC_FIELD_PTR(e, a.state, input_sum);
    bc_value all_q = BC_FIELD_PTR(e, a.state, tiles.q), all_t = BC_FIELD_PTR(e, a.state, tiles.t);
    bc_value one = bc_splat_f32(e, 1);
    uint32_t stride = k->plan->in.sample_stride;
    bc_loop samples = bc_loop_begin(e, a.first, a.end, 1, "sample");
    bc_value from = bc_row(e, e->f32, in, samples.i, stride);
    bc_value to_q = bc_row(e, e->f32, all_q, samples.i, stride), to_t = bc_row(e, e->f32, all_t, samples.i, stride);
    bc_value sum = bc_slot(e, e->vector, bc_splat_f32(e, 0), "sum");
    bc_loop vectors = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, stride), e->lanes, "terms");
    bc_value o = bc_load_vector(e, from, vectors.i), q = bc_sub(e, one, o);
    bc_store_vector(e, to_q, vectors.i, q);
    bc_store_vector(e, to_t, vectors.i, bc_sub(e, bc_splat_f32(e, k->a_max), bc_div(e, one, q)));
    bc_set(e, sum, bc_add(e, bc_get(e, e->vector, sum), o));
    bc_loop_end(e, &vectors);
    bc_store_f32(e, sums, samples.i, bc_reduce_add(e, bc_get(e, e->vector, sum)));
    bc_loop_end(e, &samples);
    bc_return(e);
}
