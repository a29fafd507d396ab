/* Lateral depression, equation (19): of a neighbourhood, only the neurons whose drive leads by the gap stay active. The
 * others become silent.
 *
 * Neighbour j suppresses neuron i if x_i - x_j < gap or, with a gap of 0, if they tie and j has the lower index. Neuron
 * i stays active if fewer than `keep` neighbours suppress it. Drives are reduced by each filter's conscience. A neuron
 * below its threshold is silent in any case.
 *
 * The k-th largest drive of the neighbours, found lane by lane, decides almost always. Only on exact ties are
 * neighbours counted one by one. */
#include "forward/depress.h"

enum { KEEP_MOST = BL_MAX_KEEP };

typedef struct depress_context {
    const bc_depress *all;
    const bl_depress *clause;
    bc_value drive, out; /* at the current place */
    bc_value around;     /* scratch: drives, with the ring continued at both ends */
    bc_value peaks;      /* scratch: running maxima of `around` */
    bc_value map_drive, y, x, place;
} depress_context;

/* Inserts a value into the `keep` largest so far, in descending order. */
static void insert(bc_emit *e, uint32_t keep, const bc_value *top, bc_value value)
{
    for (uint32_t i = 0; i < keep; i++) {
        bc_value held = bc_get(e, e->vector, top[i]);
        bc_set(e, top[i], bc_max(e, held, value));
        value = bc_min(e, held, value);
    }
}

/* ---- over the filters of one place ---- */

/* around[r + i] = x_i - conscience_i; the ring continues for r values at both ends. */
static void lay_ring(bc_emit *e, const bc_kernel *k, const depress_context *u, uint32_t r)
{
    uint32_t n = k->layer->neurons;
    bc_value zero = bc_i32(e, 0);
    bc_loop middle = bc_loop_begin(e, zero, bc_i32(e, k->blocks), 1, "middle");
    bc_value first = bc_imul(e, middle.i, e->lanes);
    bc_value x = bc_depress_reduced(e, u->all, bc_load_vector(e, u->drive, first), first);
    x = bc_select(e, bc_lanes_below(e, middle.i, n), x, bc_splat_f32(e, BC_DRIVE_NONE));
    bc_store_unaligned(e, u->around, bc_iadd(e, first, bc_i32(e, r)), x);
    bc_loop_end(e, &middle);
    bc_loop ends = bc_loop_begin(e, zero, bc_i32(e, r), 1, "ends");
    bc_store_f32(e, u->around, ends.i, bc_load_f32(e, u->around, bc_iadd(e, ends.i, bc_i32(e, n))));
    bc_loop_end(e, &ends);
    bc_loop tail = bc_loop_begin(e, zero, bc_i32(e, r), 1, "tail");
    bc_value from = bc_load_f32(e, u->around, bc_iadd(e, tail.i, bc_i32(e, r)));
    bc_store_f32(e, u->around, bc_iadd(e, tail.i, bc_i32(e, r + n)), from);
    bc_loop_end(e, &tail);
}

/* peaks[i] = the largest of around[i .. i + 2^p - 1], computed by doubling. */
static uint32_t lay_peaks(bc_emit *e, const bc_kernel *k, const depress_context *u, uint32_t r)
{
    uint32_t size = k->layer->neurons + 2 * r, reach = 1;
    bc_value end = bc_i32(e, size + e->lanes - 1), source = u->around;
    do {
        bc_loop walk = bc_loop_begin(e, bc_i32(e, 0), end, e->lanes, "peaks");
        bc_value here = bc_load_unaligned(e, source, walk.i);
        bc_value ahead = bc_load_unaligned(e, source, bc_iadd(e, walk.i, bc_i32(e, reach)));
        bool wide = reach * 2 <= r;
        bc_store_unaligned(e, u->peaks, walk.i, wide ? bc_max(e, here, ahead) : here);
        bc_loop_end(e, &walk);
        if (!wide)
            break;
        reach *= 2;
        source = u->peaks;
    } while (reach * 2 <= r);
    return reach;
}

/* Counts the neighbours that suppress a neuron one by one, for vectors with a tie. The neighbours of index i are
 * i - r .. i + r on the ring. */
static bc_value count_ring(bc_emit *e, const bc_kernel *k, const depress_context *u, bc_value block, bc_value x,
                           uint32_t r)
{
    uint32_t n = k->layer->neurons;
    bc_value count = bc_slot(e, e->vector, bc_splat_f32(e, 0), "count");
    bc_value ids = bc_lane_ids(e, block), wrap = bc_splat(e, bc_i32(e, n));
    bc_value gap = bc_splat_f32(e, u->clause->gap), one = bc_splat_f32(e, 1), zero = bc_splat_f32(e, 0);
    bc_loop walk = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, 2 * r + 1), 1, "rival");
    bc_value at = bc_iadd(e, bc_imul(e, block, e->lanes), walk.i);
    bc_value rival = bc_load_unaligned(e, u->around, at);
    /* index of the rival: i - r + step, modulo n; with n added, it is in [0, 3 n) */
    bc_value id = LLVMBuildAdd(e->builder, ids, bc_splat(e, bc_iadd(e, walk.i, bc_i32(e, n - r))), "");
    for (int turn = 0; turn < 2; turn++)
        id = bc_select(e, bc_iless(e, id, wrap), id, LLVMBuildSub(e->builder, id, wrap, ""));
    bc_value lower = bc_and(e, bc_equal(e, rival, x), bc_iless(e, id, ids));
    bc_value not_led = bc_less(e, bc_sub(e, x, rival), gap);
    if (u->clause->gap == 0)
        not_led = bc_or(e, not_led, lower);
    bc_value itself = bc_iequal(e, walk.i, bc_i32(e, r));
    bc_value add = bc_select(e, not_led, one, zero);
    bc_set(e, count, bc_add(e, bc_get(e, e->vector, count), bc_select(e, itself, zero, add)));
    bc_loop_end(e, &walk);
    return bc_get(e, e->vector, count);
}

/* Finds the `keep` largest drives among each neuron's neighbours on the ring. */
static void largest_of_ring(bc_emit *e, const depress_context *u, bc_value first, uint32_t r, uint32_t reach,
                            const bc_value *top)
{
    uint32_t keep = u->clause->keep;
    if (keep == 1) { /* two overlapping stretches on each side */
        const uint32_t at[4] = {0, r - reach, r + 1, 2 * r + 1 - reach};
        for (int i = 0; i < 4; i++)
            insert(e, 1, top, bc_load_unaligned(e, u->peaks, bc_iadd(e, first, bc_i32(e, at[i]))));
        return;
    }
    for (int side = 0; side < 2; side++) {
        bc_value from = bc_i32(e, side ? r + 1 : 0), to = bc_i32(e, side ? 2 * r + 1 : r);
        bc_loop walk = bc_loop_begin(e, from, to, 1, "rival");
        insert(e, keep, top, bc_load_unaligned(e, u->around, bc_iadd(e, first, walk.i)));
        bc_loop_end(e, &walk);
    }
}

static void over_ring(bc_emit *e, const bc_kernel *k, const depress_context *u)
{
    uint32_t r = u->clause->within, keep = u->clause->keep;
    lay_ring(e, k, u, r);
    uint32_t reach = keep == 1 ? lay_peaks(e, k, u, r) : 1;
    bc_value gap = bc_splat_f32(e, u->clause->gap);
    bc_loop blocks = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->blocks), 1, "block");
    bc_value first = bc_imul(e, blocks.i, e->lanes), top[KEEP_MOST];
    for (uint32_t i = 0; i < keep; i++)
        top[i] = bc_slot(e, e->vector, bc_splat_f32(e, BC_DRIVE_NONE), "top");
    largest_of_ring(e, u, first, r, reach, top);
    bc_value x = bc_load_unaligned(e, u->around, bc_iadd(e, first, bc_i32(e, r)));
    bc_value next = bc_get(e, e->vector, top[keep - 1]), largest = bc_max(e, x, bc_get(e, e->vector, top[0]));
    bc_value stays = bc_at_least(e, bc_sub(e, x, next), gap);
    if (u->clause->gap == 0) {
        bc_value fires = bc_greater(e, bc_load_vector(e, u->out, first), bc_splat_f32(e, 0));
        bc_value tied = bc_and(e, fires, bc_equal(e, x, next));
        bc_value count = bc_slot(e, e->vector, bc_splat_f32(e, 0), "counted");
        bc_branch ties = bc_if(e, bc_any(e, tied), "tied");
        bc_set(e, count, count_ring(e, k, u, blocks.i, x, r));
        bc_endif(e, &ties);
        stays = bc_and(e, stays, bc_less(e, bc_get(e, e->vector, count), bc_splat_f32(e, keep)));
    }
    bc_depress_settle(e, k, u->all, u->out, first, stays, (bc_contest){x, next, largest});
    bc_loop_end(e, &blocks);
}

/* ---- over the places of a window, clipped at the borders ---- */

typedef struct window {
    bc_value y0, y1, x0, x1;
} window;

static window window_of(bc_emit *e, const bc_kernel *k, const depress_context *u)
{
    const br_map *out = &k->plan->out;
    bc_value up = bc_i32(e, u->clause->height / 2), left = bc_i32(e, u->clause->width / 2), zero = bc_i32(e, 0);
    bc_value down = bc_i32(e, (u->clause->height + 1) / 2), right = bc_i32(e, (u->clause->width + 1) / 2);
    bc_value height = bc_i32(e, out->height), width = bc_i32(e, out->width);
    bc_value y1 = bc_iadd(e, u->y, down), x1 = bc_iadd(e, u->x, right);
    return (window){.y0 = bc_select(e, bc_iless(e, u->y, up), zero, bc_isub(e, u->y, up)),
                    .y1 = bc_select(e, bc_iless(e, y1, height), y1, height),
                    .x0 = bc_select(e, bc_iless(e, u->x, left), zero, bc_isub(e, u->x, left)),
                    .x1 = bc_select(e, bc_iless(e, x1, width), x1, width)};
}

typedef struct rivals {
    window window;
    bc_value first, x;   /* the vector of filters, its drives here */
    const bc_value *top; /* slots: the `keep` largest drives elsewhere */
    bc_value count;      /* slot: how many places suppress a filter */
} rivals;

typedef void rival_body(bc_emit *e, const depress_context *u, const rivals *r, bc_value rival, bc_value place);

static void take_rival(bc_emit *e, const depress_context *u, const rivals *r, bc_value rival, bc_value place)
{
    (void)place;
    insert(e, u->clause->keep, r->top, rival);
}

/* With a gap of 0: a larger drive, or the same at an earlier place. */
static void count_rival(bc_emit *e, const depress_context *u, const rivals *r, bc_value rival, bc_value place)
{
    bc_value earlier = bc_and(e, bc_equal(e, rival, r->x), bc_splat(e, bc_iless(e, place, u->place)));
    bc_value add = bc_select(e, bc_or(e, bc_greater(e, rival, r->x), earlier), bc_splat_f32(e, 1), bc_splat_f32(e, 0));
    bc_set(e, r->count, bc_add(e, bc_get(e, e->vector, r->count), add));
}

static void each_rival(bc_emit *e, const bc_kernel *k, const depress_context *u, const rivals *r, rival_body *body)
{
    const br_map *out = &k->plan->out;
    bc_loop rows = bc_loop_begin(e, r->window.y0, r->window.y1, 1, "row");
    bc_loop columns = bc_loop_begin(e, r->window.x0, r->window.x1, 1, "column");
    bc_value place = bc_iadd(e, bc_imul(e, rows.i, out->width), columns.i);
    bc_branch other = bc_if(e, LLVMBuildNot(e->builder, bc_iequal(e, place, u->place), ""), "other");
    body(e, u, r, bc_load_vector(e, bc_row(e, e->f32, u->map_drive, place, out->pitch), r->first), place);
    bc_endif(e, &other);
    bc_loop_end(e, &columns);
    bc_loop_end(e, &rows);
}

/* As on the ring, places are counted one by one only for vectors with a tie. */
static void over_places(bc_emit *e, const bc_kernel *k, const depress_context *u)
{
    uint32_t keep = u->clause->keep;
    bc_value zero = bc_splat_f32(e, 0), top[KEEP_MOST];
    rivals r = {.window = window_of(e, k, u), .top = top};
    bc_loop blocks = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->blocks), 1, "block");
    r.first = bc_imul(e, blocks.i, e->lanes);
    r.x = bc_load_vector(e, u->drive, r.first);
    for (uint32_t i = 0; i < keep; i++)
        top[i] = bc_slot(e, e->vector, bc_splat_f32(e, BC_DRIVE_NONE), "top");
    each_rival(e, k, u, &r, take_rival);
    bc_value next = bc_get(e, e->vector, top[keep - 1]), largest = bc_max(e, r.x, bc_get(e, e->vector, top[0]));
    bc_value stays = bc_at_least(e, bc_sub(e, r.x, next), bc_splat_f32(e, u->clause->gap));
    if (u->clause->gap == 0) {
        bc_value fires = bc_greater(e, bc_load_vector(e, u->out, r.first), zero);
        r.count = bc_slot(e, e->vector, zero, "count");
        bc_branch ties = bc_if(e, bc_any(e, bc_and(e, fires, bc_equal(e, r.x, next))), "tied");
        each_rival(e, k, u, &r, count_rival);
        bc_endif(e, &ties);
        stays = bc_and(e, stays, bc_less(e, bc_get(e, e->vector, r.count), bc_splat_f32(e, keep)));
    }
    bc_depress_settle(e, k, u->all, u->out, r.first, stays, (bc_contest){r.x, next, largest});
    bc_loop_end(e, &blocks);
}

/* Rows of places: those of whole maps, or of some lines of one. Lists need a row for every lane. The last rows of a dense layer's batch may be few, and then selection is faster. */
static void over_all(bc_emit *e, const bc_kernel *k, const bc_depress *u)
{
    enum { WIDE = 64 };
    uint32_t width = k->plan->out.width, places = k->plan->out.height * width;
    bc_value last = bc_isub(e, u->end, bc_i32(e, 1));
    bc_value from = bc_iadd(e, bc_imul(e, u->first, places), bc_imul(e, u->lines.from, width));
    bc_value to = bc_iadd(e, bc_imul(e, last, places), bc_imul(e, u->lines.to, width)), split = to;
    if (!bc_depress_has_lists(u)) {
        bc_depress_by_select(e, k, u, from, to);
        return;
    }
    bool few = places < e->lanes && k->layer->neurons >= WIDE;
    if (few) {
        bc_value most = bc_iadd(e, bc_isub(e, to, from), bc_i32(e, e->lanes / 2));
        bc_value whole = LLVMBuildAnd(e->builder, most, bc_i32(e, ~(e->lanes - 1)), "");
        split = bc_iadd(e, from, whole);
        split = bc_select(e, bc_iless(e, split, to), split, to);
    }
    bc_depress_by_lists(e, k, u, from, split);
    if (few)
        bc_depress_by_select(e, k, u, split, to);
}

/* A clause whose neurons have neighbourhoods of their own: place by place. */
static void by_place(bc_emit *e, const bc_kernel *k, const bc_depress *all)
{
    uint32_t floats = k->plan->pitch + 4 * all->clause->within + 4 * e->lanes;
    depress_context u = {.all = all, .clause = all->clause};
    u.around = bc_stack_buffer(e, floats, "around");
    u.peaks = bc_stack_buffer(e, floats, "peaks");
    bc_loop samples = bc_loop_begin(e, all->first, all->end, 1, "sample");
    bc_places places = bc_places_in(e, k, all->lines);
    u.map_drive = bc_row(e, e->f32, all->drives, samples.i, k->plan->out.sample_stride);
    u.drive = bc_at_place(e, k, all->drives, samples.i, places.place);
    u.out = bc_at_place(e, k, all->outs, samples.i, places.place);
    u.y = places.y;
    u.x = places.x;
    u.place = places.place;
    (u.clause->over_places ? over_places : over_ring)(e, k, &u);
    bc_places_end(e, &places);
    bc_loop_end(e, &samples);
}

/* Clauses compare drives and not each other's results, so one follows the other over all samples. `anneals`: the state
 * says how many stay among all filters. */
static void emit_clauses(bc_emit *e, const bc_kernel *k, const char *name, bool anneals)
{
    bc_kernel_args a = bc_function(e, name);
    bc_depress u = {.drives = BC_FIELD_PTR(e, a.state, drive),
                    .outs = BC_FIELD_PTR(e, a.state, out),
                    .keep = anneals ? BC_FIELD_I32(e, a.state, keep) : NULL,
                    .conscience = k->layer->kind == BT_LAYER_POOL ? NULL : BC_FIELD_PTR(e, a.state, conscience),
                    .first = a.first,
                    .end = a.end,
                    .lines = bc_line_range_of(e, &a, k->plan->out.height)};
    if (k->plan->settled && k->conv) {
        u.thetas = BC_FIELD_PTR(e, a.state, theta);
        u.order = BC_FIELD_PTR(e, a.state, order);
    }
    for (uint32_t i = 0; i < k->layer->depress_count; i++) {
        u.clause = &k->layer->depress[i];
        u.sets_value = i == 0;
        if (u.clause->over_places || u.clause->within > 0)
            by_place(e, k, &u);
        else
            over_all(e, k, &u);
    }
    bc_return(e);
}

void bc_emit_depress(bc_emit *e, const bc_kernel *k, const char *name)
{
    emit_clauses(e, k, name, false);
}

void bc_emit_anneal(bc_emit *e, const bc_kernel *k, const char *name)
{
    emit_clauses(e, k, name, true);
}
