/* Pooling: the largest drive of a window, or the mean or sum of its activations (section 6), and feedback to the places
 * below. Channels are processed as vectors if the map is padded to vectors, else one by one. */
#include "forward/settle.h"

#include <float.h>
#include <math.h>

enum { SMALL = 9 }; /* windows of up to so many places are unrolled */

typedef struct window {
    bc_value y0, y1, x0, x1; /* rows and columns of the map below */
} window;

/* The borders of row or column `at` of a grid's cells move by `by` places. The first and the last of the `cells` keep
 * the borders of the map. */
static bc_range move(bc_emit *e, bc_range range, bc_value at, uint32_t cells, bc_value by)
{
    bc_value first = bc_iequal(e, at, bc_i32(e, 0)), last = bc_iequal(e, at, bc_i32(e, cells - 1));
    return (bc_range){LLVMBuildSelect(e->builder, first, range.from, bc_isub(e, range.from, by), ""),
                      LLVMBuildSelect(e->builder, last, range.to, bc_isub(e, range.to, by), "")};
}

static window window_at(bc_emit *e, const bc_kernel *k, const bc_places *p, bc_value state, bc_value sample)
{
    bc_range rows = bc_pool_range(e, k, p->y, true), columns = bc_pool_range(e, k, p->x, false);
    if (k->plan->jitter) { /* d of section 6: [batch][2] */
        bc_value by = bc_row(e, e->i32, BC_FIELD_PTR(e, state, jitter), sample, 2);
        rows = move(e, rows, p->y, k->plan->out.height, bc_load_i32(e, by, bc_i32(e, 0)));
        columns = move(e, columns, p->x, k->plan->out.width, bc_load_i32(e, by, bc_i32(e, 1)));
    }
    return (window){rows.from, rows.to, columns.from, columns.to};
}

/* Channels are processed one vector or one float at a time. */
typedef struct channels {
    uint32_t step;
    LLVMTypeRef f32, i32;
} channels;

static channels channels_of(bc_emit *e, const bc_kernel *k)
{
    bool whole = k->plan->in.pitch % e->lanes == 0;
    return whole ? (channels){e->lanes, e->vector, e->vector_i32} : (channels){1, e->f32, e->i32};
}

static bc_value load(bc_emit *e, const channels *c, LLVMTypeRef type, bc_value base, bc_value at)
{
    bc_value loaded = LLVMBuildLoad2(e->builder, type, bc_row(e, e->f32, base, at, 1), "");
    LLVMSetAlignment(loaded, c->step * 4);
    return loaded;
}

static void store(bc_emit *e, const channels *c, bc_value base, bc_value at, bc_value value)
{
    LLVMSetAlignment(LLVMBuildStore(e->builder, value, bc_row(e, e->f32, base, at, 1)), c->step * 4);
}

static bc_value constant(bc_emit *e, const channels *c, double value)
{
    return c->step == 1 ? bc_f32(e, value) : bc_splat_f32(e, value);
}

static bc_value number(bc_emit *e, const channels *c, bc_value value)
{
    return c->step == 1 ? value : bc_splat(e, value);
}

typedef struct pool_context {
    bc_value below_drive, below_out, drive, out, choice, scale;
} pool_context;

/* Called for each place of a window, for one step of channels. */
typedef void each_body(bc_emit *e, const bc_kernel *k, const channels *c, bc_value below, bc_value rank, void *user);

/* A small window, unrolled. */
static void each_in_small_window(bc_emit *e, const bc_kernel *k, const channels *c, const window *w, bc_value channel,
                                 each_body *body, void *user)
{
    const br_map *in = &k->plan->in;
    uint32_t width = k->layer->field_width;
    bc_value first = bc_iadd(e, bc_imul(e, bc_iadd(e, bc_imul(e, w->y0, in->width), w->x0), in->pitch), channel);
    for (uint32_t rank = 0; rank < k->layer->field_height * width; rank++) {
        uint32_t place = rank / width * in->width + rank % width;
        body(e, k, c, bc_iadd(e, first, bc_i32(e, place * in->pitch)), bc_i32(e, rank), user);
    }
}

static void each_in_window(bc_emit *e, const bc_kernel *k, const channels *c, const window *w, bc_value channel,
                           each_body *body, void *user)
{
    const br_map *in = &k->plan->in;
    if (!k->layer->grid && (uint64_t)k->layer->field_height * k->layer->field_width <= SMALL) {
        each_in_small_window(e, k, c, w, channel, body, user);
        return;
    }
    bc_loop rows = bc_loop_begin(e, w->y0, w->y1, 1, "row");
    bc_loop columns = bc_loop_begin(e, w->x0, w->x1, 1, "column");
    bc_value place = bc_iadd(e, bc_imul(e, rows.i, in->width), columns.i);
    bc_value below = bc_iadd(e, bc_imul(e, place, in->pitch), channel);
    bc_value width = bc_isub(e, w->x1, w->x0);
    bc_value down = LLVMBuildMul(e->builder, bc_isub(e, rows.i, w->y0), width, "");
    bc_value rank = bc_iadd(e, down, bc_isub(e, columns.i, w->x0));
    body(e, k, c, below, rank, user);
    bc_loop_end(e, &columns);
    bc_loop_end(e, &rows);
}

typedef struct forward_cell {
    const pool_context *u; /* of the sample */
    bc_value best, out, choice, sum;
} forward_cell;

/* Keeps the largest drive, and the first of equal ones. */
static void take_largest(bc_emit *e, const bc_kernel *k, const channels *c, bc_value below, bc_value rank, void *user)
{
    forward_cell *f = user;
    bc_value x = load(e, c, c->f32, f->u->below_drive, below), best = bc_get(e, c->f32, f->best);
    bc_value larger = bc_greater(e, x, best);
    bc_set(e, f->best, bc_select(e, larger, x, best));
    bc_set(e, f->out, bc_select(e, larger, load(e, c, c->f32, f->u->below_out, below), bc_get(e, c->f32, f->out)));
    bc_set(e, f->choice, bc_select(e, larger, number(e, c, rank), bc_get(e, c->i32, f->choice)));
    (void)k;
}

static void take_sum(bc_emit *e, const bc_kernel *k, const channels *c, bc_value below, bc_value rank, void *user)
{
    forward_cell *f = user;
    bc_set(e, f->sum, bc_add(e, bc_get(e, c->f32, f->sum), load(e, c, c->f32, f->u->below_out, below)));
    (void)k, (void)rank;
}

static bc_value places_in(bc_emit *e, const window *w)
{
    bc_value count = LLVMBuildMul(e->builder, bc_isub(e, w->y1, w->y0), bc_isub(e, w->x1, w->x0), "");
    return LLVMBuildUIToFP(e->builder, count, e->f32, "");
}

/* A mean may exceed its largest value by rounding. */
static double range_of(const bc_kernel *k)
{
    return (double)nextafterf((float)k->layer->range_out * (1 + 4 * FLT_EPSILON), FLT_MAX);
}

static void forward_channels(bc_emit *e, const bc_kernel *k, const channels *c, const window *w, const pool_context *u,
                             bc_value at, bc_value channel)
{
    bc_value to = bc_iadd(e, at, channel), result;
    forward_cell f = {.u = u};
    if (k->layer->pooling == BT_POOL_MAX) {
        f.best = bc_slot(e, c->f32, constant(e, c, -3.0e38), "best");
        f.out = bc_slot(e, c->f32, constant(e, c, 0), "out");
        f.choice = bc_slot(e, c->i32, LLVMConstNull(c->i32), "choice");
        each_in_window(e, k, c, w, channel, take_largest, &f);
        store(e, c, u->choice, to, bc_get(e, c->i32, f.choice));
        store(e, c, u->drive, to, bc_get(e, c->f32, f.best));
        bc_assert_within(e, bc_get(e, c->f32, f.out), 0, range_of(k), BR_FAULT_ACTIVATION);
        store(e, c, u->out, to, bc_get(e, c->f32, f.out));
        return;
    }
    f.sum = bc_slot(e, c->f32, constant(e, c, 0), "sum");
    each_in_window(e, k, c, w, channel, take_sum, &f);
    result = bc_get(e, c->f32, f.sum);
    if (k->layer->pooling == BT_POOL_MEAN) {
        result = bc_div(e, result, number(e, c, places_in(e, w)));
        store(e, c, u->drive, to, result);
    } else { /* o = min(s, s sum/(2M/p)); the sum is kept for feedback and for calibrating M */
        store(e, c, u->drive, to, result);
        result = bc_min(e, bc_mul(e, result, number(e, c, u->scale)), constant(e, c, k->layer->range_out));
    }
    bc_assert_within(e, result, 0, range_of(k), BR_FAULT_ACTIVATION);
    store(e, c, u->out, to, result);
}

static bc_value sample_of(bc_emit *e, bc_value base, bc_value sample, uint64_t stride)
{
    return bc_row(e, e->f32, base, sample, stride);
}

void bc_emit_pool_forward(bc_emit *e, const bc_kernel *k, const char *name)
{
    bc_kernel_args a = bc_function(e, name);
    pool_context all = {.below_drive = BC_FIELD_PTR(e, a.state, input_drive),
                        .below_out = BC_FIELD_PTR(e, a.state, in),
                        .drive = BC_FIELD_PTR(e, a.state, drive),
                        .out = BC_FIELD_PTR(e, a.state, out),
                        .choice = BC_FIELD_PTR(e, a.state, choice),
                        .scale = BC_FIELD_F32(e, a.state, calibration)};
    channels c = channels_of(e, k);
    const br_map *in = &k->plan->in, *out = &k->plan->out;
    bc_line_range lines = bc_line_range_of(e, &a, out->height);
    if (k->plan->settled)
        bc_settle(e, k, &a);
    bc_loop samples = bc_loop_begin(e, a.first, a.end, 1, "sample");
    pool_context u = all;
    u.drive = sample_of(e, all.drive, samples.i, out->sample_stride);
    u.out = sample_of(e, all.out, samples.i, out->sample_stride);
    u.choice = sample_of(e, all.choice, samples.i, out->sample_stride);
    u.below_drive = sample_of(e, all.below_drive, samples.i, in->sample_stride);
    u.below_out = sample_of(e, all.below_out, samples.i, in->sample_stride);
    bc_places places = bc_places_in(e, k, lines);
    window w = window_at(e, k, &places, a.state, samples.i);
    bc_value at = bc_imul(e, places.place, out->pitch);
    bc_loop walk = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, in->pitch), c.step, "channel");
    forward_channels(e, k, &c, &w, &u, at, walk.i);
    bc_loop_end(e, &walk);
    bc_places_end(e, &places);
    bc_loop_end(e, &samples);
    bc_return(e);
}

typedef struct feedback_cell {
    bc_value below; /* correction of the sample in the layer below */
    bc_value asked, choice;
} feedback_cell;

static void give_back(bc_emit *e, const bc_kernel *k, const channels *c, bc_value below, bc_value rank, void *user)
{
    feedback_cell *f = user;
    bc_value asked = f->asked;
    if (k->layer->pooling == BT_POOL_MAX) {
        bc_value chosen = bc_iequal(e, f->choice, number(e, c, rank));
        asked = bc_select(e, chosen, asked, constant(e, c, 0));
    }
    if (!k->plan->overwrites)
        asked = bc_add(e, load(e, c, c->f32, f->below, below), asked);
    store(e, c, f->below, below, asked);
}

void bc_emit_pool_feedback(bc_emit *e, const bc_kernel *k, const char *name)
{
    bc_kernel_args a = bc_function(e, name);
    bc_value outs = BC_FIELD_PTR(e, a.state, out);
    bc_value corrections = BC_FIELD_PTR(e, a.state, correction), below = BC_FIELD_PTR(e, a.state, input_correction);
    bc_value choices = BC_FIELD_PTR(e, a.state, choice), drives = BC_FIELD_PTR(e, a.state, drive);
    bc_value scale = BC_FIELD_F32(e, a.state, calibration);
    channels c = channels_of(e, k);
    const br_map *in = &k->plan->in, *out = &k->plan->out;
    bc_loop samples = bc_loop_begin(e, a.first, a.end, 1, "sample");
    bc_places places = bc_places_begin(e, k);
    window w = window_at(e, k, &places, a.state, samples.i);
    bc_value at = bc_imul(e, places.place, out->pitch);
    bc_loop walk = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, in->pitch), c.step, "channel");
    bc_value from = bc_iadd(e, at, walk.i);
    feedback_cell f = {.below = sample_of(e, below, samples.i, in->sample_stride)};
    f.asked = load(e, &c, c.f32, sample_of(e, corrections, samples.i, out->sample_stride), from);
    if (k->layer->depress_count) { /* a depressed channel asks for nothing */
        bc_value fires = bc_greater(e, load(e, &c, c.f32, sample_of(e, outs, samples.i, out->sample_stride), from),
                                    constant(e, &c, 0));
        f.asked = bc_select(e, fires, f.asked, constant(e, &c, 0));
    }
    if (k->layer->pooling == BT_POOL_MAX) {
        f.choice = load(e, &c, c.i32, sample_of(e, choices, samples.i, out->sample_stride), from);
    } else if (k->layer->pooling == BT_POOL_MEAN) {
        f.asked = bc_div(e, f.asked, number(e, &c, places_in(e, &w)));
    } else { /* s/(2M/p) per place; a saturated cell only passes negative changes */
        bc_value sum = load(e, &c, c.f32, sample_of(e, drives, samples.i, out->sample_stride), from);
        bc_value full = bc_at_least(e, bc_mul(e, sum, number(e, &c, scale)), constant(e, &c, k->layer->range_out));
        bc_value stuck = bc_and(e, full, bc_greater(e, f.asked, constant(e, &c, 0)));
        f.asked = bc_select(e, stuck, constant(e, &c, 0), bc_mul(e, f.asked, number(e, &c, scale)));
    }
    each_in_window(e, k, &c, &w, walk.i, give_back, &f);
    bc_loop_end(e, &walk);
    bc_places_end(e, &places);
    bc_loop_end(e, &samples);
    bc_return(e);
}
