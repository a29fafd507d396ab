/* The packed method of a convolution that reads tied levels with bounds w that are whole numbers:
 *
 *     x_k = gamma sum over i of w_ik n_i,   w from -127 to 127, n from -N to N                                (2), (4)
 *
 * It is exact: sums are integers of 32 bits below 2^24, as the sums of the other methods are. Dot products of four bytes
 * want one side without a sign, so the fields hold n + N, and N times the sum of a filter's w is subtracted.
 *
 * Neighbouring places share most of their fields, but not at multiples of four bytes. So `transpose` copies the field of
 * every place, line by line: a quad of four levels then serves a whole tile of filters and places. */
#include "forward/forward.h"

enum { VECTORS = 2, MOST_SUMS = 24, FEW_SUMS = 8, CHUNK = 16, MOST_UNROLLED = 8 };

static uint32_t quads_of(const bc_kernel *k)
{
    return (k->layer->inputs + 3) / 4;
}

static uint32_t places_of(const bc_kernel *k)
{
    return k->plan->out.height * k->plan->out.width;
}

/* ---- packed bounds: N times the sum of w, then w of four inputs in each lane ---- */

/* The w of an input in bits 8j .. 8j + 7 of each lane; *sum grows by w. */
static bc_value byte_of(bc_emit *e, bc_value row, uint32_t j, bc_value sum)
{
    bc_value w = LLVMBuildFPToSI(e->builder, bc_load_vector(e, row, bc_i32(e, 0)), e->vector_i32, "");
    bc_set(e, sum, LLVMBuildAdd(e->builder, bc_get(e, e->vector_i32, sum), w, ""));
    bc_value low = LLVMBuildAnd(e->builder, w, bc_splat(e, bc_i32(e, UINT8_MAX)), "");
    return LLVMBuildShl(e->builder, low, bc_splat(e, bc_i32(e, 8 * j)), "");
}

static void pack_quad(bc_emit *e, const bc_kernel *k, bc_value bounds, bc_value to, bc_value quad, uint32_t inputs,
                      bc_value sum)
{
    bc_value bytes = LLVMConstNull(e->vector_i32);
    bc_value first = bc_row(e, e->f32, bounds, quad, 4ull * k->plan->pitch);
    for (uint32_t j = 0; j < inputs; j++) {
        bc_value row = bc_row(e, e->f32, first, bc_i32(e, j), k->plan->pitch);
        bytes = LLVMBuildOr(e->builder, bytes, byte_of(e, row, j, sum), "");
    }
    bc_value at = bc_row(e, e->f32, to, bc_iadd(e, quad, bc_i32(e, 1)), e->lanes);
    bc_store_unaligned(e, at, bc_i32(e, 0), LLVMBuildBitCast(e->builder, bytes, e->vector, ""));
}

void bc_emit_pack_whole(bc_emit *e, const bc_kernel *k, const char *name)
{
    bc_kernel_args a = bc_function(e, name);
    bc_value bounds = BC_FIELD_PTR(e, a.state, bounds), packed = BC_FIELD_PTR(e, a.state, tiles.packed);
    uint32_t inputs = k->layer->inputs;
    bc_loop blocks = bc_loop_begin(e, a.first, a.end, 1, "block");
    bc_value from = bc_block(e, bounds, blocks.i), to = bc_row(e, e->f32, packed, blocks.i, k->plan->packed.stride);
    bc_value sum = bc_slot(e, e->vector_i32, LLVMConstNull(e->vector_i32), "sum");
    bc_loop quads = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, inputs / 4), 1, "quad");
    pack_quad(e, k, from, to, quads.i, 4, sum);
    bc_loop_end(e, &quads);
    if (inputs % 4 > 0)
        pack_quad(e, k, from, to, bc_i32(e, inputs / 4), inputs % 4, sum);
    bc_value off = LLVMBuildMul(e->builder, bc_get(e, e->vector_i32, sum), bc_splat(e, bc_i32(e, k->layer->tied)), "");
    bc_store_unaligned(e, to, bc_i32(e, 0), LLVMBuildBitCast(e->builder, off, e->vector, ""));
    bc_loop_end(e, &blocks);
    bc_return(e);
}

/* ---- fields of bytes ---- */

/* A store of `count` bytes at any address. */
static void store_bytes(bc_emit *e, bc_value bytes, bc_value to)
{
    LLVMSetAlignment(LLVMBuildStore(e->builder, bytes, to), 1);
}

/* One line of the map, as bytes n + N. */
static void bring_line(bc_emit *e, const bc_kernel *k, bc_value from, bc_value to)
{
    uint32_t count = k->plan->in.width * k->plan->in.channels, whole = count - count % e->lanes;
    double levels = k->layer->tied;
    bc_loop vectors = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, whole), e->lanes, "vector");
    bc_value values = bc_add(e, bc_load_unaligned(e, from, vectors.i), bc_splat_f32(e, levels));
    store_bytes(e, bc_to_bytes(e, values), bc_at_byte(e, to, vectors.i));
    bc_loop_end(e, &vectors);
    bc_loop rest = bc_loop_begin(e, bc_i32(e, whole), bc_i32(e, count), 1, "value");
    bc_value value = bc_add(e, bc_load_f32(e, from, rest.i), bc_f32(e, levels));
    store_bytes(e, bc_to_bytes(e, value), bc_at_byte(e, to, rest.i));
    bc_loop_end(e, &rest);
}

/* The map with its border, in which n = 0. */
static void bring_map(bc_emit *e, const bc_kernel *k, bc_value in, bc_value map)
{
    const br_map *from = &k->plan->in, *padded = &k->plan->padded;
    uint32_t bytes = padded->height * padded->width * padded->channels;
    bc_value zeros = bc_splat(e, bc_i32(e, k->layer->tied * 0x01010101u));
    bc_loop fill = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, (bytes + 3) / 4 + e->lanes - 1), e->lanes, "fill");
    bc_store_unaligned(e, map, fill.i, LLVMBuildBitCast(e->builder, zeros, e->vector, ""));
    bc_loop_end(e, &fill);
    bc_loop lines = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, from->height), 1, "line");
    bc_value to = bc_row(e, e->i8, map, bc_iadd(e, lines.i, bc_i32(e, k->layer->pad_top)),
                         (uint64_t)padded->width * padded->channels);
    bring_line(e, k, bc_row(e, e->f32, in, lines.i, (uint64_t)from->width * from->channels),
               bc_at_byte(e, to, bc_i32(e, k->layer->pad_left * padded->channels)));
    bc_loop_end(e, &lines);
}

static void copy_bytes(bc_emit *e, LLVMTypeRef type, bc_value from, bc_value to, bc_value at)
{
    bc_value bytes = LLVMBuildLoad2(e->builder, type, bc_at_byte(e, from, at), "");
    LLVMSetAlignment(bytes, 1);
    store_bytes(e, bytes, bc_at_byte(e, to, at));
}

/* Copies `count` bytes, and none behind them. */
static void copy_line(bc_emit *e, bc_value from, bc_value to, uint32_t count)
{
    LLVMTypeRef chunk = LLVMVectorType(e->i8, CHUNK), sizes[] = {chunk, e->i64, e->i32, e->i8};
    uint32_t each[] = {CHUNK, 8, 4, 1}, at = 0;
    if (count / CHUNK > MOST_UNROLLED) {
        at = count - count % CHUNK;
        bc_loop chunks = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, at), CHUNK, "chunk");
        copy_bytes(e, chunk, from, to, chunks.i);
        bc_loop_end(e, &chunks);
    }
    for (uint32_t s = 0; s < sizeof each / sizeof *each; s++)
        for (; count - at >= each[s]; at += each[s])
            copy_bytes(e, sizes[s], from, to, bc_i32(e, at));
}

void bc_emit_whole_fields(bc_emit *e, const bc_kernel *k, const char *name)
{
    bc_kernel_args a = bc_function(e, name);
    const br_map *padded = &k->plan->padded;
    bc_value ins = BC_FIELD_PTR(e, a.state, in), all = BC_FIELD_PTR(e, a.state, tiles.transposed);
    uint32_t line = k->layer->field_width * padded->channels, stride = k->layer->stride;
    bc_loop samples = bc_loop_begin(e, a.first, a.end, 1, "sample");
    bc_value fields = bc_row(e, e->f32, all, samples.i, k->plan->fields);
    bc_value map = bc_row(e, e->f32, fields, bc_i32(e, places_of(k)), quads_of(k));
    bring_map(e, k, bc_row(e, e->f32, ins, samples.i, k->plan->in.sample_stride), map);
    bc_places places = bc_places_begin(e, k);
    bc_value field = bc_row(e, e->f32, fields, places.place, quads_of(k));
    bc_value top = bc_row(e, e->i8, map, places.y, (uint64_t)stride * padded->width * padded->channels);
    bc_value from = bc_row(e, e->i8, top, places.x, (uint64_t)stride * padded->channels);
    bc_loop lines = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->layer->field_height), 1, "line");
    copy_line(e, bc_row(e, e->i8, from, lines.i, (uint64_t)padded->width * padded->channels),
              bc_row(e, e->i8, field, lines.i, line), line);
    bc_loop_end(e, &lines);
    bc_places_end(e, &places);
    bc_loop_end(e, &samples);
    bc_return(e);
}

/* ---- the forward pass ---- */

typedef struct whole_context {
    bc_kernel_args args;
    bc_value fields, packed, theta, drives, outs;
} whole_context;

/* The sums of some places and vectors of filters, in registers. */
typedef struct whole_tile {
    uint32_t places, vectors;
    bc_value packed, fields; /* of its first vector and of its first place */
    bc_value sums[MOST_SUMS];
} whole_tile;

static void add_quad(bc_emit *e, const bc_kernel *k, const whole_tile *t, bc_value quad)
{
    bc_small_bytes w[VECTORS];
    for (uint32_t v = 0; v < t->vectors; v++) {
        bc_value block = bc_row(e, e->f32, t->packed, bc_i32(e, v), k->plan->packed.stride);
        w[v] = bc_small(e, bc_load_bytes(e, bc_row(e, e->f32, block, bc_iadd(e, quad, bc_i32(e, 1)), e->lanes)));
    }
    for (uint32_t p = 0; p < t->places; p++) {
        bc_value at = bc_row(e, e->f32, bc_row(e, e->f32, t->fields, bc_i32(e, p), quads_of(k)), quad, 1);
        bc_value levels = bc_splat_quad(e, bc_load_quad(e, at));
        for (uint32_t v = 0; v < t->vectors; v++) {
            bc_value sum = t->sums[p * t->vectors + v];
            bc_set(e, sum, bc_dot_small(e, bc_get(e, e->vector_i32, sum), levels, &w[v]));
        }
    }
}

static void sum_tile(bc_emit *e, const bc_kernel *k, whole_tile *t)
{
    for (uint32_t i = 0; i < t->places * t->vectors; i++)
        t->sums[i] = bc_slot(e, e->vector_i32, LLVMConstNull(e->vector_i32), "sum");
    bc_loop quads = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, quads_of(k)), 1, "quad");
    add_quad(e, k, t, quads.i);
    bc_loop_end(e, &quads);
}

/* Drives and activations of a tile. */
static void finish_tile(bc_emit *e, const bc_kernel *k, const whole_tile *t, const bc_tile *first)
{
    bc_value gamma = bc_splat(e, bc_gamma(e, k, bc_f32(e, 0)));
    for (uint32_t v = 0; v < t->vectors; v++) {
        bc_value off =
            bc_load_indices(e, bc_row(e, e->f32, t->packed, bc_i32(e, v), k->plan->packed.stride), bc_i32(e, 0));
        for (uint32_t p = 0; p < t->places; p++) {
            bc_value sum = bc_get(e, e->vector_i32, t->sums[p * t->vectors + v]);
            bc_tile to = *first;
            to.drive = bc_row(e, e->f32, first->drive, bc_i32(e, p), k->plan->out.pitch);
            to.out = bc_row(e, e->f32, first->out, bc_i32(e, p), k->plan->out.pitch);
            bc_value x = bc_from_i32(e, LLVMBuildSub(e->builder, sum, off, ""));
            bc_finish(e, k, &to, v, bc_mul(e, x, gamma));
        }
    }
}

/* Some vectors of filters for every sample. The last tile of places overlaps the one before it. */
static void vectors(bc_emit *e, const bc_kernel *k, bc_value block, uint32_t count, void *user)
{
    const whole_context *u = user;
    const bc_layer_plan *plan = k->plan;
    uint32_t places = places_of(k), most = (e->lanes == 16 ? MOST_SUMS : FEW_SUMS) / count;
    whole_tile t = {.vectors = count, .places = places < most ? places : most};
    uint32_t tiles = (places + t.places - 1) / t.places;
    bc_thresholds thresholds = bc_thresholds_load(e, k, bc_block(e, u->theta, block), count);
    t.packed = bc_row(e, e->f32, u->packed, block, plan->packed.stride);
    bc_loop samples = bc_loop_begin(e, u->args.first, u->args.end, 1, "sample");
    bc_value fields = bc_row(e, e->f32, u->fields, samples.i, plan->fields);
    bc_value drives = bc_block(e, bc_row(e, e->f32, u->drives, samples.i, plan->out.sample_stride), block);
    bc_value outs = bc_block(e, bc_row(e, e->f32, u->outs, samples.i, plan->out.sample_stride), block);
    bc_loop loop = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, tiles), 1, "tile");
    bc_value at = bc_imul(e, loop.i, t.places), last = bc_i32(e, places - t.places);
    bc_value first = bc_select(e, bc_iless(e, at, last), at, last);
    t.fields = bc_row(e, e->f32, fields, first, quads_of(k));
    bc_tile to = {.block = block, .thresholds = &thresholds};
    to.drive = bc_row(e, e->f32, drives, first, plan->out.pitch);
    to.out = bc_row(e, e->f32, outs, first, plan->out.pitch);
    sum_tile(e, k, &t);
    finish_tile(e, k, &t, &to);
    bc_loop_end(e, &loop);
    bc_loop_end(e, &samples);
}

void bc_emit_forward_whole(bc_emit *e, const bc_kernel *k, const char *name)
{
    bc_kernel_args a = bc_function(e, name);
    whole_context u = {.args = a,
                       .fields = BC_FIELD_PTR(e, a.state, tiles.transposed),
                       .packed = BC_FIELD_PTR(e, a.state, tiles.packed),
                       .theta = BC_FIELD_PTR(e, a.state, theta),
                       .drives = BC_FIELD_PTR(e, a.state, drive),
                       .outs = BC_FIELD_PTR(e, a.state, out)};
    bc_tiles(e, k, a.part_first, a.part_end, k->blocks < VECTORS ? k->blocks : VECTORS, vectors, &u);
    bc_return(e);
}
