/* Fields: the live inputs that a neuron at one place reads, and the values that they share. */
#include "kernels/kernel.h"
#include "plan/numbers.h"

bc_live bc_live_load(bc_emit *e, bc_value state)
{
    bc_live live = {
        .count = BC_FIELD_PTR(e, state, live.count),
        .index = BC_FIELD_PTR(e, state, live.index),
        .start = BC_FIELD_PTR(e, state, live.start),
        .o = BC_FIELD_PTR(e, state, events.o),
        .q = BC_FIELD_PTR(e, state, events.q),
        .t = BC_FIELD_PTR(e, state, events.t),
    };
    return live;
}

/* The lists of one sample and a range of them. The row of bounds for an offset in the map is offset + shift. */
typedef struct stretch {
    bc_value index, o, q, t;
    bc_value begin, end, shift;
    uint32_t first, last; /* lines of places that read the range */
    bc_event_body *body;
    void *user;
} stretch;

static void one_event(bc_emit *e, const bc_kernel *k, const stretch *s, bc_value i, uint32_t number)
{
    bc_value at = bc_load_i32(e, s->index, i);
    bc_live_event event = {
        .row = s->shift ? LLVMBuildAdd(e->builder, at, s->shift, "row") : at,
        .at = at,
        .o = bc_load_f32(e, s->o, i),
        .q = bc_load_f32(e, s->q, i),
        .t = bc_load_f32(e, s->t, i),
        .all_q = bc_load_splat(e, s->q, i),
        .all_t = bc_load_splat(e, s->t, i),
        .first = s->first,
        .last = s->last,
    };
    s->body(e, k, number, event, s->user);
}

static void walk(bc_emit *e, const bc_kernel *k, const stretch *s, uint32_t partial)
{
    bc_loop events = bc_loop_begin(e, s->begin, s->end, partial, "event");
    for (uint32_t p = 0; p < partial; p++)
        one_event(e, k, s, bc_iadd(e, events.i, bc_i32(e, p)), p);
    bc_loop_end(e, &events);
    if (partial == 1)
        return;
    bc_loop rest = bc_loop_begin(e, events.rest, s->end, 1, "rest");
    one_event(e, k, s, rest.i, 0);
    bc_loop_end(e, &rest);
}

static bc_value at_most(bc_emit *e, bc_value a, bc_value b)
{
    return bc_select(e, bc_iless(e, a, b), a, b);
}

static bc_value starts_of(bc_emit *e, const bc_kernel *k, const bc_window *window)
{
    return bc_row(e, e->i32, window->live->start, window->sample, br_map_places(k->plan->in) + 1);
}

/* Visits some columns of one row of a window: the range of events between two pixels of one row of the map. Padding
 * lies outside the map and has no entries. If lines below read the row too, `dy` counts from the first line's
 * window. */
static void window_row(bc_emit *e, const bc_kernel *k, const bc_window *window, bc_columns columns, stretch *s)
{
    const bl_layer *layer = k->layer;
    const br_map *in = &k->plan->in;
    bc_value starts = starts_of(e, k, window);
    bc_value top = bc_iadd(e, bc_imul(e, window->y, layer->stride), columns.dy); /* row, including pad_top */
    bc_value left = bc_imul(e, window->x, layer->stride);                        /* column, including pad_left */
    bc_value pad_top = bc_i32(e, layer->pad_top), pad_left = bc_i32(e, layer->pad_left);
    bool padded = layer->pad_top || layer->pad_left ||
                  (layer->out.height - 1) * layer->stride + layer->field_height > in->height ||
                  (layer->out.width - 1) * layer->stride + layer->field_width > in->width;
    bc_value begin = bc_iadd(e, left, bc_i32(e, columns.from)), end = bc_iadd(e, left, bc_i32(e, columns.to));
    bc_value row = bc_isub(e, top, pad_top), first = begin, last = end;
    bc_branch inside = {0};
    if (padded) {
        inside =
            /* above the map, the row wraps to a large number */
            bc_if(e, bc_iless(e, row, bc_i32(e, in->height)), "inside");
        bc_value from = bc_select(e, bc_iless(e, begin, pad_left), pad_left, begin);
        bc_value width = bc_i32(e, in->width + layer->pad_left);
        first = bc_isub(e, at_most(e, from, width), pad_left);
        bc_value to = bc_select(e, bc_iless(e, end, pad_left), pad_left, end);
        last = bc_isub(e, at_most(e, to, width), pad_left);
    }
    bc_value line = bc_imul(e, row, in->width);
    s->begin = bc_load_i32(e, starts, bc_iadd(e, line, first));
    s->end = bc_load_i32(e, starts, bc_iadd(e, line, last));
    /* offset = (row * width + column) * pitch + c
     * bounds row = (dy * field_width + column - (left - pad)) * pitch + c */
    bc_value own = bc_isub(e, columns.dy, bc_i32(e, (s->last - 1) * layer->stride));
    bc_value places = bc_isub(e, bc_isub(e, bc_iadd(e, bc_imul(e, own, layer->field_width), pad_left), left), line);
    s->shift = LLVMBuildMul(e->builder, places, bc_i32(e, in->pitch), "shift");
    walk(e, k, s, 1);
    if (padded)
        bc_endif(e, &inside);
}

static stretch lists_of(bc_emit *e, const bc_kernel *k, const bc_window *window, bc_event_body *body, void *user)
{
    const bc_live *live = window->live;
    bc_value sample = window->sample;
    return (stretch){
        .index = bc_row(e, e->i32, live->index, sample, k->live_stride),
        .o = bc_row(e, e->f32, live->o, sample, k->live_stride),
        .q = bc_row(e, e->f32, live->q, sample, k->live_stride),
        .t = bc_row(e, e->f32, live->t, sample, k->live_stride),
        .last = 1,
        .body = body,
        .user = user,
    };
}

void bc_each_event(bc_emit *e, const bc_kernel *k, const bc_window *window, uint32_t partial, bc_event_body *body,
                   void *user)
{
    stretch s = lists_of(e, k, window, body, user);
    if (!k->conv) {
        s.begin = bc_i32(e, 0);
        s.end = bc_load_i32(e, window->live->count, window->sample);
        walk(e, k, &s, partial);
        return;
    }
    bc_each_event_of_lines(e, k, window, 1, body, user);
}

uint32_t bc_rows_between_lines(const bc_kernel *k)
{
    return k->layer->stride * k->layer->field_width * k->plan->in.pitch;
}

/* The lines that read row `dy`, counted from the top of the first line's window. */
static void readers(const bl_layer *layer, uint32_t lines, uint32_t dy, uint32_t *first, uint32_t *last)
{
    *first = dy < layer->field_height ? 0 : (dy - layer->field_height) / layer->stride + 1;
    *last = dy / layer->stride + 1 < lines ? dy / layer->stride + 1 : lines;
}

void bc_each_event_of_lines(bc_emit *e, const bc_kernel *k, const bc_window *window, uint32_t lines,
                            bc_event_body *body, void *user)
{
    stretch s = lists_of(e, k, window, body, user);
    uint32_t height = k->layer->field_height + (lines - 1) * k->layer->stride;
    for (uint32_t from = 0, to; from < height; from = to) { /* rows that are read by the same lines */
        uint32_t first, last;
        readers(k->layer, lines, from, &s.first, &s.last);
        for (to = from + 1; to < height; to++) {
            readers(k->layer, lines, to, &first, &last);
            if (first != s.first || last != s.last)
                break;
        }
        bc_loop rows = bc_loop_begin(e, bc_i32(e, from), bc_i32(e, to), 1, "window");
        window_row(e, k, window, (bc_columns){rows.i, 0, k->layer->field_width}, &s);
        bc_loop_end(e, &rows);
    }
}

void bc_each_event_in_row(bc_emit *e, const bc_kernel *k, const bc_window *window, bc_columns columns,
                          bc_event_body *body, void *user)
{
    stretch s = lists_of(e, k, window, body, user);
    window_row(e, k, window, columns, &s);
}

bc_line_range bc_line_range_of(bc_emit *e, const bc_kernel_args *a, uint32_t height)
{
    bc_value all = bc_iequal(e, a->part_first, a->part_end);
    return (bc_line_range){a->part_first, bc_select(e, all, bc_i32(e, height), a->part_end)};
}

bool bc_lists_by_lines(const bc_kernel *k)
{
    return k->plan->in.pitch % k->plan->lanes == 0;
}

bc_places bc_places_in(bc_emit *e, const bc_kernel *k, bc_line_range lines)
{
    bc_places p = {0};
    const br_map *out = &k->plan->out;
    if (out->height * out->width == 1) {
        p.y = p.x = p.place = bc_i32(e, 0);
        return p;
    }
    p.rows = bc_loop_begin(e, lines.from, lines.to, 1, "y");
    p.columns = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, out->width), 1, "x");
    p.y = p.rows.i;
    p.x = p.columns.i;
    p.place = bc_iadd(e, bc_imul(e, p.y, out->width), p.x);
    return p;
}

bc_places bc_places_begin(bc_emit *e, const bc_kernel *k)
{
    return bc_places_in(e, k, (bc_line_range){bc_i32(e, 0), bc_i32(e, k->plan->out.height)});
}

/* A window, or cell g of G over n places: from g n / G to (g + 1) n / G. */
bc_range bc_pool_range(bc_emit *e, const bc_kernel *pool, bc_value at, bool rows)
{
    const bl_layer *layer = pool->layer;
    uint32_t n = rows ? pool->plan->in.height : pool->plan->in.width;
    bc_value cells = bc_i32(e, rows ? pool->plan->out.height : pool->plan->out.width);
    if (!layer->grid) {
        bc_value from = bc_imul(e, at, layer->stride);
        return (bc_range){from, bc_iadd(e, from, bc_i32(e, rows ? layer->field_height : layer->field_width))};
    }
    bc_value next = bc_iadd(e, at, bc_i32(e, 1));
    return (bc_range){LLVMBuildUDiv(e->builder, bc_imul(e, at, n), cells, ""),
                      LLVMBuildUDiv(e->builder, bc_imul(e, next, n), cells, "")};
}

bc_value bc_at_place(bc_emit *e, const bc_kernel *k, bc_value base, bc_value sample, bc_value place)
{
    bc_value map = bc_row(e, e->f32, base, sample, k->plan->out.sample_stride);
    return k->plan->out.height * k->plan->out.width == 1 ? map : bc_row(e, e->f32, map, place, k->plan->out.pitch);
}

void bc_places_end(bc_emit *e, bc_places *p)
{
    if (!p->rows.head)
        return;
    bc_loop_end(e, &p->columns);
    bc_loop_end(e, &p->rows);
}

bool bc_sums_fields(const bc_kernel *k)
{
    return !k->layer->homeostasis || k->plan->gradient;
}

/* gamma                                                                                             (4) */
bc_value bc_gamma(bc_emit *e, const bc_kernel *k, bc_value input_sum)
{
    const bl_layer *layer = k->layer;
    double unit = layer->tied > 0 ? layer->range_in / BR_TIED_TOP : 1; /* what w = 1 contributes for a level */
    if (layer->sum != BT_SUM_SHARED)
        return bc_f32_like(e, input_sum, bc_gamma_of(layer) * unit);
    /* If all inputs are silent, the drive is 0. */
    bc_value some = bc_greater(e, input_sum, bc_f32_like(e, input_sum, 0));
    return bc_select(e, some, bc_div(e, bc_f32_like(e, input_sum, bc_gamma_of(layer)), input_sum),
                     bc_f32_like(e, input_sum, 0));
}

/* The common factor of all inputs of a field: rate/(gamma sum of o) (V), 1/sum of o (as printed).   (11) */
bc_value bc_share_factor(bc_emit *e, const bc_kernel *k, bc_value rate, bc_value input_sum)
{
    const bl_layer *layer = k->layer;
    if (k->plan->bound_encoding == BR_BOUND_ALPHA)
        return bc_div(e, bc_f32_like(e, input_sum, 1), input_sum);
    if (k->plan->gradient)
        return bc_mul(e, rate, bc_gamma(e, k, input_sum));
    if (layer->homeostasis)
        return rate;
    switch (layer->sum) {
    case BT_SUM_SCALED: {
        bc_value per_gamma = bc_f32_like(e, input_sum, __builtin_sqrt(layer->inputs) / layer->gain);
        return bc_div(e, bc_mul(e, rate, per_gamma), input_sum);
    }
    case BT_SUM_RAW:
        return bc_div(e, rate, input_sum);
    case BT_SUM_SHARED:
        break; /* gamma = gain/sum: the sum cancels */
    }
    return bc_div(e, rate, bc_f32_like(e, input_sum, layer->gain));
}

/* o/q from the step solved exactly in a (12); dc/da = -sign q for the gradient rule; o as printed, and with
 * homeostasis (29). */
bc_value bc_share(bc_emit *e, const bc_kernel *k, bc_value o, bc_value q, bc_value factor)
{
    if (k->plan->bound_encoding == BR_BOUND_ALPHA || (k->layer->homeostasis && !k->plan->gradient))
        return bc_mul(e, o, factor);
    return bc_mul(e, k->plan->gradient ? q : bc_div(e, o, q), factor);
}

bc_value bc_slope(bc_emit *e, const bc_kernel *k, bc_value v)
{
    bc_value a = bc_sub(e, bc_splat_f32(e, k->a_max), bc_abs(e, v));
    if (!k->plan->gradient)
        return bc_copysign(e, bc_div(e, bc_splat_f32(e, 1), a), v);
    bc_value gamma = bc_splat(e, bc_gamma(e, k, bc_f32(e, 1)));
    return bc_copysign(e, bc_mul(e, gamma, a), v);
}
