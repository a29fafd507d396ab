/* The forward pass of a convolution by the packed method (pack.c): equations (2)-(4) with two operations for a vector of
 * connections. Neighbouring places take the part that samples have in a dense layer: each load of a vector of alpha and
 * of w serves a whole tile of them, whose sums stay in registers. An activation is broadcast from the map on its way
 * from memory, for two vectors of neurons at once: otherwise there are as many loads as multiply-adds. */
#include "forward/packed.h"

/* ---- the copy with a border ---- */

/* Copies `count` floats, and leaves what lies behind them. */
static void copy(bc_emit *e, bc_value from, bc_value to, uint32_t count)
{
    uint32_t whole = count - count % e->lanes;
    bc_loop vectors = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, whole), e->lanes, "vector");
    bc_store_unaligned(e, to, vectors.i, bc_load_unaligned(e, from, vectors.i));
    bc_loop_end(e, &vectors);
    bc_loop values = bc_loop_begin(e, bc_i32(e, whole), bc_i32(e, count), 1, "value");
    bc_store_f32(e, to, values.i, bc_load_f32(e, from, values.i));
    bc_loop_end(e, &values);
}

void bc_emit_border(bc_emit *e, const bc_kernel *k, const char *name)
{
    bc_kernel_args a = bc_function(e, name);
    const br_map *in = &k->plan->in, *padded = &k->plan->padded;
    bc_value ins = BC_FIELD_PTR(e, a.state, in), copies = BC_FIELD_PTR(e, a.state, tiles.transposed);
    bc_loop samples = bc_loop_begin(e, a.first, a.end, 1, "sample");
    bc_value from = bc_row(e, e->f32, ins, samples.i, in->sample_stride);
    bc_value to = bc_row(e, e->f32, copies, samples.i, padded->sample_stride);
    bc_zero_f32(e, to, bc_i32(e, 0), bc_i32(e, padded->sample_stride));
    bc_loop lines = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, in->height), 1, "line");
    bc_value line = bc_row(e, e->f32, to, bc_iadd(e, lines.i, bc_i32(e, k->layer->pad_top)),
                           (uint64_t)padded->width * padded->pitch);
    copy(e, bc_row(e, e->f32, from, lines.i, (uint64_t)in->width * in->pitch),
         bc_row(e, e->f32, line, bc_i32(e, k->layer->pad_left), padded->pitch), in->width * in->pitch);
    bc_loop_end(e, &lines);
    bc_loop_end(e, &samples);
    bc_return(e);
}

/* ---- the forward pass ---- */

enum { VECTORS = 2, MOST_SUMS = 24, TILES = 4 };

/* A tile of places, whose sums stay in registers. Tiles of equal size cover the map; the last ones of a line and of a
 * column overlap those before them, and compute some places twice. */
typedef struct place_tile {
    uint32_t lines, columns;
    uint32_t down, across; /* number of tiles */
} place_tile;

static uint32_t divide_up(uint32_t n, uint32_t by)
{
    return (n + by - 1) / by;
}

/* The tile with the least work, in vector operations for an input: two for a sum, and two loads for each vector of
 * neurons. Fewer than eight sums leave the pipes waiting for each other's results. */
static place_tile tile_of(const bc_emit *e, const bc_kernel *k, uint32_t vectors)
{
    enum { LEAST_SUMS = 8, NARROW_SUMS = 10 };
    const br_map *out = &k->plan->out;
    uint32_t most = (e->lanes == 16 ? MOST_SUMS : NARROW_SUMS) / vectors;
    place_tile best = {0};
    uint64_t least = UINT64_MAX;
    for (uint32_t across = divide_up(out->width, most); across <= out->width; across++) {
        uint32_t columns = divide_up(out->width, across);
        for (uint32_t lines = 1; lines <= out->height && lines * columns <= most; lines++) {
            uint32_t down = divide_up(out->height, lines), sums = lines * columns * vectors;
            uint32_t each = sums < LEAST_SUMS ? LEAST_SUMS : sums;
            uint64_t work = (uint64_t)across * down * (2 * each + 2 * vectors);
            if (work >= least)
                continue;
            least = work;
            best = (place_tile){lines, columns, down, across};
        }
    }
    return best;
}

typedef struct packed_context {
    bc_kernel_args args;
    bc_value maps, packeds, theta, drives, outs;
    /* of the current vectors of neurons */
    uint32_t vectors;
    place_tile tile;
    bc_value packed;
    bc_value map; /* of the current sample */
    /* of the current group of tiles: the number of the first, how many, and their sums: [TILES][places][vectors] */
    bc_value first, count, totals;
} packed_context;

static uint32_t places_of(const packed_context *u)
{
    return u->tile.lines * u->tile.columns;
}

static uint32_t sums_of(const packed_context *u)
{
    return places_of(u) * u->vectors;
}

/* The distance of a place of the tile from its first place, in a map of `width` places of `pitch` floats that lie
 * `stride` places apart. */
static uint64_t offset_of(const packed_context *u, uint32_t place, const br_map *map, uint32_t stride)
{
    uint64_t y = place / u->tile.columns, x = place % u->tile.columns;
    return (y * map->width + x) * stride * map->pitch;
}

/* A tile of the current group: its first place, and the sums of its places. */
typedef struct one_tile {
    bc_loop loop;
    bc_value y, x, totals;
} one_tile;

/* The number of a tile's first line or column: the last tile ends with the map. */
static bc_value first_of(bc_emit *e, bc_value number, uint32_t size, uint32_t whole)
{
    bc_value at = bc_imul(e, number, size), last = bc_i32(e, whole - size);
    return bc_select(e, bc_iless(e, at, last), at, last);
}

static one_tile tiles_begin(bc_emit *e, const bc_kernel *k, const packed_context *u)
{
    one_tile t = {.loop = bc_loop_begin(e, bc_i32(e, 0), u->count, 1, "tile")};
    bc_value number = bc_iadd(e, u->first, t.loop.i), across = bc_i32(e, u->tile.across);
    bc_value line = LLVMBuildUDiv(e->builder, number, across, ""),
             column = LLVMBuildURem(e->builder, number, across, "");
    t.y = first_of(e, line, u->tile.lines, k->plan->out.height);
    t.x = first_of(e, column, u->tile.columns, k->plan->out.width);
    t.totals = bc_row(e, e->f32, u->totals, t.loop.i, (uint64_t)sums_of(u) * e->lanes);
    return t;
}

static void tiles_end(bc_emit *e, one_tile *t)
{
    bc_loop_end(e, &t->loop);
}

static bc_value total_at(bc_emit *e, const one_tile *t, uint32_t number)
{
    return bc_row(e, e->f32, t->totals, bc_i32(e, number), e->lanes);
}

/* A stretch: `lines` lines of the field, of `inputs` neighbouring inputs each. */
typedef struct stretch {
    bc_value bounds, inputs; /* addresses of its packed bounds, and of its first input at the map's first place */
    bc_value run;            /* number of its run */
    uint32_t lines, count;
} stretch;

/* sum += w max(o, alpha) for every input of one line, at every place of the tile.                      (1), (2) */
static void add_line(bc_emit *e, const bc_kernel *k, const packed_context *u, bc_value pairs, bc_value inputs,
                     uint32_t count, const bc_value *sums)
{
    bc_value alpha[VECTORS], w[VECTORS];
    bc_loop each = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, count), 1, "input");
    bc_value first = bc_row(e, e->f32, pairs, each.i, 2 * e->lanes), input = bc_row(e, e->f32, inputs, each.i, 1);
    for (uint32_t v = 0; v < u->vectors; v++) {
        bc_value pair = bc_row(e, e->f32, first, bc_i32(e, v), k->plan->packed.stride);
        alpha[v] = bc_load_vector(e, pair, bc_i32(e, 0));
        w[v] = bc_load_vector(e, pair, bc_i32(e, e->lanes));
    }
    for (uint32_t i = 0; i < sums_of(u); i++) {
        uint32_t at = (uint32_t)offset_of(u, i / u->vectors, &k->plan->padded, k->layer->stride), v = i % u->vectors;
        bc_value larger = bc_larger_of_one(e, input, bc_i32(e, at), alpha[v]);
        bc_set(e, sums[i], bc_muladd(e, larger, w[v], bc_get(e, e->vector, sums[i])));
    }
    bc_loop_end(e, &each);
}

static void add_lines(bc_emit *e, const bc_kernel *k, const packed_context *u, const stretch *s, bc_value inputs,
                      const bc_value *sums)
{
    bc_value pairs = bc_pair_at(e, s->bounds, bc_i32(e, 0));
    if (s->lines == 1) {
        add_line(e, k, u, pairs, inputs, s->count, sums);
        return;
    }
    bc_loop lines = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, s->lines), 1, "line");
    bc_value line = bc_row(e, e->f32, inputs, lines.i, (uint64_t)k->plan->padded.width * k->plan->padded.pitch);
    add_line(e, k, u, bc_row(e, e->f32, pairs, lines.i, (uint64_t)2 * e->lanes * s->count), line, s->count, sums);
    bc_loop_end(e, &lines);
}

/* x_p += sum over the stretch of w max(o, alpha) - w alpha, for one tile */
static void add_to_tile(bc_emit *e, const bc_kernel *k, const packed_context *u, const stretch *s, const one_tile *t)
{
    const br_map *map = &k->plan->padded;
    bc_value sums[MOST_SUMS], zero = bc_i32(e, 0);
    bc_value line = bc_row(e, e->f32, s->inputs, t->y, (uint64_t)k->layer->stride * map->width * map->pitch);
    for (uint32_t i = 0; i < sums_of(u); i++)
        sums[i] = bc_slot(e, e->vector, bc_splat_f32(e, 0), "stretch");
    add_lines(e, k, u, s, bc_row(e, e->f32, line, t->x, (uint64_t)k->layer->stride * map->pitch), sums);
    for (uint32_t i = 0; i < sums_of(u); i++) {
        bc_value off = bc_row(e, e->f32, s->bounds, bc_i32(e, i % u->vectors), k->plan->packed.stride);
        bc_value difference = bc_sub(e, bc_get(e, e->vector, sums[i]), bc_load_vector(e, off, zero));
        bc_value total = total_at(e, t, i);
        bc_store_vector(e, total, zero, bc_add(e, bc_load_vector(e, total, zero), difference));
    }
}

/* Whether a run is one line of the field, which a tile of one line may read from the border alone. Its sum is then 0:
 * the tile leaves it out. */
static bool may_lie_in_border(const bc_kernel *k, const packed_context *u)
{
    uint32_t line = k->layer->field_width * k->plan->in.pitch;
    return u->tile.lines == 1 && k->plan->packed.run == line && k->plan->padded.height > k->plan->in.height;
}

/* A stretch for all tiles of the group while it is in the first cache. */
static void add_stretch(bc_emit *e, const bc_kernel *k, const packed_context *u, const stretch *s)
{
    one_tile t = tiles_begin(e, k, u);
    if (may_lie_in_border(k, u)) {
        bc_value row = bc_iadd(e, bc_imul(e, t.y, k->layer->stride), s->run);
        bc_value line = bc_isub(e, row, bc_i32(e, k->layer->pad_top)); /* of the map; below 0 is a large number */
        bc_branch inside = bc_if(e, bc_iless(e, line, bc_i32(e, k->plan->in.height)), "inside");
        add_to_tile(e, k, u, s, &t);
        bc_endif(e, &inside);
    } else {
        add_to_tile(e, k, u, s, &t);
    }
    tiles_end(e, &t);
}

/* Run `run`, of `rows` rows: some whole short lines, which are one stretch, or the stretches of one long line. */
static void add_run(bc_emit *e, const bc_kernel *k, const packed_context *u, bc_value run, uint32_t rows)
{
    const bc_packed_plan *plan = &k->plan->packed;
    uint32_t line = k->layer->field_width * k->plan->in.pitch, stretch_rows = plan->stretch;
    uint64_t between = (uint64_t)(plan->run / line) * k->plan->padded.width * k->plan->padded.pitch;
    bc_value bounds = bc_row(e, e->f32, u->packed, run, bc_packed_run_floats(k, plan->run));
    bc_value inputs = bc_row(e, e->f32, u->map, run, between);
    if (rows <= stretch_rows) {
        uint32_t lines = rows >= line ? rows / line : 1;
        add_stretch(e, k, u, &(stretch){bounds, inputs, run, lines, rows / lines});
        return;
    }
    bc_loop whole = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, rows / stretch_rows), 1, "stretch");
    add_stretch(e, k, u,
                &(stretch){bc_stretch_at(e, k, bounds, whole.i), bc_row(e, e->f32, inputs, whole.i, stretch_rows), run,
                           1, stretch_rows});
    bc_loop_end(e, &whole);
    if (rows % stretch_rows > 0) {
        bc_value last = bc_i32(e, rows / stretch_rows);
        add_stretch(e, k, u,
                    &(stretch){bc_stretch_at(e, k, bounds, last), bc_row(e, e->f32, inputs, last, stretch_rows), run, 1,
                               rows % stretch_rows});
    }
}

/* The sums of a group of tiles. */
static void add_fields(bc_emit *e, const bc_kernel *k, const packed_context *u)
{
    const bc_packed_plan *plan = &k->plan->packed;
    bc_loop runs = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, plan->runs), 1, "run");
    add_run(e, k, u, runs.i, plan->run);
    bc_loop_end(e, &runs);
    if (plan->tail > 0)
        add_run(e, k, u, bc_i32(e, plan->runs), plan->tail);
}

static void clear(bc_emit *e, const bc_kernel *k, const packed_context *u)
{
    one_tile t = tiles_begin(e, k, u);
    for (uint32_t i = 0; i < sums_of(u); i++)
        bc_store_vector(e, total_at(e, &t, i), bc_i32(e, 0), bc_splat_f32(e, 0));
    tiles_end(e, &t);
}

/* Drives and activations of a group of tiles. `map`: where those of the sample's first place go.        (3), (4) */
static void finish(bc_emit *e, const bc_kernel *k, const packed_context *u, const bc_tile *map)
{
    const br_map *out = &k->plan->out;
    bc_value gamma = bc_splat(e, bc_gamma(e, k, bc_f32(e, 0))); /* no packed layer divides by its inputs' sum */
    one_tile t = tiles_begin(e, k, u);
    bc_value place = bc_iadd(e, bc_imul(e, t.y, out->width), t.x);
    bc_value drive = bc_row(e, e->f32, map->drive, place, out->pitch);
    bc_value activation = bc_row(e, e->f32, map->out, place, out->pitch);
    for (uint32_t p = 0; p < places_of(u); p++) {
        bc_value at = bc_i32(e, (uint32_t)offset_of(u, p, out, 1));
        bc_tile to = *map;
        to.drive = bc_row(e, e->f32, drive, at, 1);
        to.out = bc_row(e, e->f32, activation, at, 1);
        for (uint32_t v = 0; v < u->vectors; v++) {
            bc_value sum = bc_load_vector(e, total_at(e, &t, p * u->vectors + v), bc_i32(e, 0));
            bc_finish(e, k, &to, v, bc_mul(e, sum, gamma));
        }
    }
    tiles_end(e, &t);
}

/* All places of one sample, some tiles at a time. */
static void places(bc_emit *e, const bc_kernel *k, packed_context *u, const bc_tile *map)
{
    bc_value tiles = bc_i32(e, u->tile.down * u->tile.across);
    bc_loop groups = bc_loop_begin(e, bc_i32(e, 0), bc_iadd(e, tiles, bc_i32(e, TILES - 1)), TILES, "group");
    bc_value left = bc_isub(e, tiles, groups.i), most = bc_i32(e, TILES);
    u->first = groups.i;
    u->count = bc_select(e, bc_iless(e, left, most), left, most);
    clear(e, k, u);
    add_fields(e, k, u);
    finish(e, k, u, map);
    bc_loop_end(e, &groups);
}

/* Some vectors of neurons for every sample. */
static void vectors(bc_emit *e, const bc_kernel *k, bc_value block, uint32_t count, void *user)
{
    packed_context *u = user;
    const bc_layer_plan *plan = k->plan;
    uint32_t stride = br_has_border(plan->in, plan->padded) ? plan->padded.sample_stride : plan->in.sample_stride;
    bc_thresholds thresholds = bc_thresholds_load(e, k, bc_block(e, u->theta, block), count);
    u->vectors = count;
    u->tile = tile_of(e, k, count);
    u->packed = bc_row(e, e->f32, u->packeds, block, plan->packed.stride);
    bc_loop samples = bc_loop_begin(e, u->args.first, u->args.end, 1, "sample");
    u->map = bc_row(e, e->f32, u->maps, samples.i, stride);
    bc_tile map = {.block = block, .thresholds = &thresholds};
    map.drive = bc_block(e, bc_row(e, e->f32, u->drives, samples.i, plan->out.sample_stride), block);
    map.out = bc_block(e, bc_row(e, e->f32, u->outs, samples.i, plan->out.sample_stride), block);
    places(e, k, u, &map);
    bc_loop_end(e, &samples);
}

void bc_emit_forward_packed_conv(bc_emit *e, const bc_kernel *k, const char *name)
{
    bc_kernel_args a = bc_function(e, name);
    packed_context u = {.args = a,
                        .packeds = BC_FIELD_PTR(e, a.state, tiles.packed),
                        .theta = BC_FIELD_PTR(e, a.state, theta),
                        .drives = BC_FIELD_PTR(e, a.state, drive),
                        .outs = BC_FIELD_PTR(e, a.state, out)};
    u.maps = br_has_border(k->plan->in, k->plan->padded) ? BC_FIELD_PTR(e, a.state, tiles.transposed)
                                                         : BC_FIELD_PTR(e, a.state, in);
    u.totals = bc_stack_buffer(e, TILES * MOST_SUMS * e->lanes, "totals");
    bc_tiles(e, k, a.part_first, a.part_end, k->blocks < VECTORS ? k->blocks : VECTORS, vectors, &u);
    bc_return(e);
}
