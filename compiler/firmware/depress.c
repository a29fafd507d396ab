/* Lateral depression, equation (19), neuron by neuron. Only a neuron that would fire is compared.
 *
 * Among all filters of a place, the largest drives are found in one walk; of those that tie at the last one, the first
 * filters stay. On a ring and over places, the rivals that lead a neuron are counted until there are enough. Graded
 * neurons need the order of their neighbourhood, too. Comparisons and the arithmetic of shares are those of
 * forward/depress.c, in the same order. */
#include "firmware/depress.h"

#include <stdlib.h>

#define NO_DRIVE (-3.0e38) /* below every drive: no rival */

/* What all neurons of a place share about a clause among all filters. */
typedef struct order {
    bc_value least, next, largest; /* x(k), x(k+1), x(1) */
    bc_value left;                 /* slot: how many of those that tie at `least` may still stay */
} order;

/* One neuron and one clause. */
typedef struct contest {
    const bc_small_depression *d;
    const bl_depress *clause;
    const bc_small_place *place;
    bc_value n, x;  /* x: less the conscience, if filters are compared */
    bc_value count; /* slot: rivals that lead; NULL: all rivals are walked */
} contest;

static bool is_graded(const bl_layer *judge, const bl_depress *clause)
{
    return judge->fire == BT_FIRE_GRADED && clause == &judge->depress[0];
}

static bool is_over_all(const bl_depress *clause)
{
    return !clause->over_places && clause->within == 0;
}

static uint32_t ranks_of(const bl_layer *judge, const bl_depress *clause)
{
    bool graded = is_graded(judge, clause);
    if (is_over_all(clause))
        return clause->keep + (graded || clause->gap > 0);
    return graded ? clause->keep : 0;
}

uint32_t bc_rank_count(const bl_layer *judge)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < judge->depress_count; i++) {
        uint32_t ranks = ranks_of(judge, &judge->depress[i]);
        most = ranks > most ? ranks : most;
    }
    return most;
}

static bc_value load(bc_emit *e, bc_value base, bc_value index)
{
    return LLVMBuildLoad2(e->builder, e->f32, bc_element(e, e->f32, base, index), "");
}

static void store(bc_emit *e, bc_value base, bc_value index, bc_value value)
{
    LLVMBuildStore(e->builder, value, bc_element(e, e->f32, base, index));
}

static bc_value one_if(bc_emit *e, bc_value condition)
{
    return LLVMBuildZExt(e->builder, condition, e->i32, "");
}

/* The drive of filter n at a place as clauses over filters compare it. */
static bc_value reduced(bc_emit *e, const bc_small_depression *d, const bc_small_place *place, bc_value n)
{
    bc_value x = load(e, d->drives, d->all ? bc_iadd(e, place->at, n) : n);
    return d->conscience ? bc_sub(e, x, load(e, d->conscience, n)) : x;
}

/* ---- the largest of many ---- */

static bc_value ranks_at(bc_emit *e, const bc_small_depression *d)
{
    return bc_offset(e, d->scratch, d->l->ranks);
}

static void clear_ranks(bc_emit *e, const bc_small_depression *d, uint32_t count)
{
    bc_loop clear = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, count), 1, "clear");
    store(e, ranks_at(e, d), clear.i, bc_f32(e, NO_DRIVE));
    bc_loop_end(e, &clear);
}

/* Inserts a drive into the `count` largest so far, which lie in descending order. Most drives are below all of them. */
static void insert(bc_emit *e, const bc_small_depression *d, uint32_t count, bc_value x)
{
    bc_value ranks = ranks_at(e, d), zero = bc_i32(e, 0), one = bc_i32(e, 1), last = bc_i32(e, count - 1);
    bc_branch enters = bc_if(e, bc_greater(e, x, load(e, ranks, last)), "enters");
    bc_value slot = bc_slot(e, e->i32, last, "rank");
    bc_while down = bc_while_begin(e, "down");
    bc_value rank = bc_get(e, e->i32, slot), first = bc_iequal(e, rank, zero);
    bc_value above = bc_select(e, first, zero, bc_isub(e, rank, one)), held = load(e, ranks, above);
    bc_while_holds(e, &down, bc_and(e, LLVMBuildNot(e->builder, first, ""), bc_less(e, held, x)));
    store(e, ranks, rank, held);
    bc_set(e, slot, above);
    bc_while_end(e, &down);
    store(e, ranks, bc_get(e, e->i32, slot), x);
    bc_endif(e, &enters);
}

/* ---- among all filters ---- */

static order order_of(bc_emit *e, const bc_small_depression *d, const bl_depress *clause, const bc_small_place *place)
{
    uint32_t ranks = ranks_of(d->l->judge, clause), keep = clause->keep;
    clear_ranks(e, d, ranks);
    bc_loop filters = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, d->l->out.channels), 1, "filter");
    insert(e, d, ranks, reduced(e, d, place, filters.i));
    bc_loop_end(e, &filters);
    bc_value at = ranks_at(e, d);
    order o = {.least = load(e, at, bc_i32(e, keep - 1)), .largest = load(e, at, bc_i32(e, 0))};
    if (ranks > keep)
        o.next = load(e, at, bc_i32(e, keep));
    if (clause->gap > 0)
        return o;
    o.left = bc_slot(e, e->i32, bc_i32(e, 0), "left");
    bc_loop kept = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, keep), 1, "kept");
    bc_value ties = one_if(e, bc_equal(e, load(e, at, kept.i), o.least));
    bc_set(e, o.left, bc_iadd(e, bc_get(e, e->i32, o.left), ties));
    bc_loop_end(e, &kept);
    return o;
}

/* Asked for all filters in their order, whether they fire or not. */
static bc_value stays_in_order(bc_emit *e, const bl_depress *clause, const order *o, bc_value x)
{
    if (clause->gap > 0) /* no filter of a tie leads */
        return bc_at_least(e, bc_sub(e, x, o->next), bc_f32(e, clause->gap));
    bc_value left = bc_get(e, e->i32, o->left), some = bc_iless(e, bc_i32(e, 0), left);
    bc_value ties = bc_and(e, bc_equal(e, x, o->least), some);
    bc_set(e, o->left, bc_isub(e, left, one_if(e, ties)));
    return bc_or(e, bc_greater(e, x, o->least), ties);
}

/* ---- rivals of one neuron ---- */

/* `earlier`: whether the rival comes before the neuron. */
typedef void rival_body(bc_emit *e, const contest *c, bc_value its, bc_value earlier);

/* A walk that ends early once enough rivals lead. */
typedef struct walk {
    bc_value next; /* slot */
    bc_value i;
    bc_while loop;
} walk;

static walk walk_begin(bc_emit *e, const contest *c, bc_value from, bc_value to, const char *name)
{
    walk w = {.next = bc_slot(e, e->i32, from, name)};
    w.loop = bc_while_begin(e, name);
    w.i = bc_get(e, e->i32, w.next);
    bc_value more = bc_iless(e, w.i, to);
    if (c->count)
        more = bc_and(e, more, bc_iless(e, bc_get(e, e->i32, c->count), bc_i32(e, c->clause->keep)));
    bc_while_holds(e, &w.loop, more);
    return w;
}

static void walk_end(bc_emit *e, const walk *w)
{
    bc_set(e, w->next, bc_iadd(e, w->i, bc_i32(e, 1)));
    bc_while_end(e, &w->loop);
}

/* The r filters behind the neuron on the ring, then those before it, the nearest first. */
static void each_on_ring(bc_emit *e, const contest *c, rival_body *body)
{
    uint32_t r = c->clause->within, filters = c->d->l->out.channels;
    walk w = walk_begin(e, c, bc_i32(e, 0), bc_i32(e, 2 * r), "rival");
    bc_value behind = bc_iadd(e, w.i, bc_i32(e, 1)), before = bc_isub(e, bc_i32(e, filters + r - 1), w.i);
    bc_value other = bc_iadd(e, c->n, bc_select(e, bc_iless(e, w.i, bc_i32(e, r)), behind, before));
    bc_value round = bc_isub(e, other, bc_i32(e, filters));
    other = bc_select(e, bc_iless(e, other, bc_i32(e, filters)), other, round);
    body(e, c, reduced(e, c->d, c->place, other), bc_iless(e, other, c->n));
    walk_end(e, &w);
}

/* The first and the end of the rows or columns of a window, cut at the borders. */
static bc_range around(bc_emit *e, bc_value at, uint32_t window, uint32_t size)
{
    bc_value half = bc_i32(e, window / 2), end = bc_iadd(e, at, bc_i32(e, window / 2 + 1)), all = bc_i32(e, size);
    return (bc_range){bc_select(e, bc_iless(e, at, half), bc_i32(e, 0), bc_isub(e, at, half)),
                      bc_select(e, bc_iless(e, end, all), end, all)};
}

static void each_in_window(bc_emit *e, const contest *c, rival_body *body)
{
    const bc_small_map *map = &c->d->l->out;
    bc_range down = around(e, c->place->y, c->clause->height, map->height);
    bc_range across = around(e, c->place->x, c->clause->width, map->width);
    walk rows = walk_begin(e, c, down.from, down.to, "row");
    walk columns = walk_begin(e, c, across.from, across.to, "column");
    bc_value place = bc_iadd(e, bc_imul(e, rows.i, map->width), columns.i), at = bc_imul(e, place, map->channels);
    bc_branch other = bc_if(e, LLVMBuildNot(e->builder, bc_iequal(e, at, c->place->at), ""), "other");
    body(e, c, load(e, c->d->drives, bc_iadd(e, at, c->n)), bc_iless(e, at, c->place->at));
    bc_endif(e, &other);
    walk_end(e, &columns);
    walk_end(e, &rows);
}

static void each_rival(bc_emit *e, const contest *c, rival_body *body)
{
    (c->clause->over_places ? each_in_window : each_on_ring)(e, c, body);
}

static void count_leader(bc_emit *e, const contest *c, bc_value its, bc_value earlier)
{
    bc_value leads = c->clause->gap > 0
                         ? bc_less(e, bc_sub(e, c->x, its), bc_f32(e, c->clause->gap))
                         : bc_or(e, bc_greater(e, its, c->x), bc_and(e, bc_equal(e, its, c->x), earlier));
    bc_set(e, c->count, bc_iadd(e, bc_get(e, e->i32, c->count), one_if(e, leads)));
}

static void rank_rival(bc_emit *e, const contest *c, bc_value its, bc_value earlier)
{
    (void)earlier;
    insert(e, c->d, c->clause->keep, its);
}

static bc_value stays_among_rivals(bc_emit *e, contest c)
{
    c.count = bc_slot(e, e->i32, bc_i32(e, 0), "leaders");
    each_rival(e, &c, count_leader);
    return bc_iless(e, bc_get(e, e->i32, c.count), bc_i32(e, c.clause->keep));
}

/* ---- activations ---- */

/* s (x - x(k+1))/(x_max - x(k+1)); s without a rival that does not stay. */
static bc_value graded(bc_emit *e, const contest *c, const order *among_all)
{
    bc_value s = bc_f32(e, c->d->l->judge->range_out), one = bc_f32(e, 1), next, largest;
    if (is_over_all(c->clause)) {
        next = among_all->next;
        largest = among_all->largest;
    } else {
        clear_ranks(e, c->d, c->clause->keep);
        each_rival(e, c, rank_rival);
        bc_value ranks = ranks_at(e, c->d);
        next = load(e, ranks, bc_i32(e, c->clause->keep - 1));
        largest = bc_max(e, c->x, load(e, ranks, bc_i32(e, 0)));
    }
    bc_value span = bc_sub(e, largest, next), spans = bc_greater(e, span, bc_f32(e, 0));
    bc_value share = bc_div(e, bc_sub(e, c->x, next), bc_select(e, spans, span, one));
    return bc_mul(e, s, bc_min(e, bc_select(e, spans, share, one), one));
}

/* Clears the activation in `slot` if the neuron does not stay, and sets it if this clause decides how it fires. */
static void judge_neuron(bc_emit *e, const contest *c, const order *among_all, bc_value stays, bc_value slot)
{
    const bl_layer *judge = c->d->l->judge;
    bc_branch fires = bc_if(e, bc_greater(e, bc_get(e, e->f32, slot), bc_f32(e, 0)), "fires");
    if (!is_over_all(c->clause))
        stays = stays_among_rivals(e, *c);
    bc_branch goes = bc_if(e, LLVMBuildNot(e->builder, stays, ""), "goes");
    bc_set(e, slot, bc_f32(e, 0));
    bc_endif(e, &goes);
    if (c->clause == &judge->depress[0] && judge->fire != BT_FIRE_RAMP) {
        bc_branch left = bc_if(e, stays, "stays");
        bc_set(e, slot, judge->fire == BT_FIRE_BINARY ? bc_f32(e, judge->range_out) : graded(e, c, among_all));
        bc_endif(e, &left);
    }
    bc_endif(e, &fires);
}

static void settle(bc_emit *e, const bc_small_depression *d, const bc_small_place *place, const order *orders)
{
    const bc_small_layer *l = d->l;
    bc_loop neurons = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, l->out.channels), 1, "settle");
    bc_value at = bc_iadd(e, place->at, neurons.i), x = load(e, d->drives, d->all ? at : neurons.i);
    bc_value slot = bc_slot(e, e->f32, d->before(e, d->user, neurons.i, at, x), "o");
    for (uint32_t i = 0; i < l->judge->depress_count; i++) {
        contest c = {.d = d, .clause = &l->judge->depress[i], .place = place, .n = neurons.i};
        c.x = c.clause->over_places ? x : reduced(e, d, place, neurons.i);
        bc_value stays = is_over_all(c.clause) ? stays_in_order(e, c.clause, &orders[i], c.x) : NULL;
        judge_neuron(e, &c, &orders[i], stays, slot);
    }
    if (d->behind)
        d->behind(e, d->user, neurons.i, x, bc_get(e, e->f32, slot));
    else
        bc_write(e, &l->out, d->scratch, at, bc_get(e, e->f32, slot));
    bc_loop_end(e, &neurons);
}

void bc_emit_depression(bc_emit *e, const bc_small_depression *d, const bc_small_place *place)
{
    const bl_layer *judge = d->l->judge;
    order *orders = calloc(judge->depress_count, sizeof *orders);
    if (!orders) {
        e->out_of_memory = true;
        return;
    }
    for (uint32_t i = 0; i < judge->depress_count; i++)
        if (is_over_all(&judge->depress[i]))
            orders[i] = order_of(e, d, &judge->depress[i], place);
    settle(e, d, place, orders);
    free(orders);
}
