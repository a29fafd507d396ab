/* Activations made in the pool behind a convolution, and lateral depression settled there: equation (19) for the chosen
 * place of each window.
 *
 * A pool of maxima takes the place with the largest drive, even if that neuron was depressed (docs/model.md, section 7).
 * Only the activations of chosen neurons are read. So the kernel `depress` writes the order of each place, and this
 * kernel carries the limits of the chosen place along with its drive:
 *
 *     p = argmax_p x_pi       o_i = N_pi f(x_pi),   N_pi = 1 if x_pi >= x_p(k)
 *
 * The map of activations before the pool is neither written nor read. The bits are those of the long way. Without
 * depression all neurons stay, and only the drives are read. */
#include "forward/settle.h"

#include "forward/depress.h"
#include "forward/forward.h"
#include "plan/stretch.h"

typedef struct settling {
    bc_kernel neurons;     /* of the convolution */
    bc_depress depress;    /* its clause is NULL without depression */
    bool reads[BR_ORDERS]; /* which planes decide */
    bc_value scales;       /* [pitch]: 1/(1 - theta) */
    bc_value drives, outs, choices, order;
} settling;

/* The window of one place. */
typedef struct window {
    bc_value to, below, first; /* place of the pool, first place of the window: of the batch; of the sample */
    bc_value facts[BC_SETTLED_PLACES][BR_ORDERS]; /* of each place, in every lane */
} window;

static uint32_t place_of(const bc_kernel *k, uint32_t rank)
{
    return rank / k->layer->field_width * k->plan->in.width + rank % k->layer->field_width;
}

static uint32_t ranks_of(const bc_kernel *k)
{
    return k->layer->field_height * k->layer->field_width;
}

static void lay_scales(bc_emit *e, const bc_kernel *k, settling *s)
{
    s->scales = bc_stack_buffer(e, k->plan->pitch, "scales");
    bc_loop blocks = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->blocks), 1, "scales");
    bc_thresholds t = bc_thresholds_load(e, &s->neurons, bc_block(e, s->depress.thetas, blocks.i), 1);
    bc_store_vector(e, s->scales, bc_imul(e, blocks.i, e->lanes), t.scale[0]);
    bc_loop_end(e, &blocks);
}

static bc_value order_plane(bc_emit *e, const bc_kernel *k, const settling *s, uint32_t fact)
{
    return bc_row(e, e->f32, s->order, bc_i32(e, fact), k->plan->in.height * k->plan->in.width);
}

/* Loads the limits of the window's places; returns whether a tie matters in one of them. */
static bc_value load_facts(bc_emit *e, const bc_kernel *k, const settling *s, window *w)
{
    bc_value ties = LLVMConstInt(e->i1, 0, 0), whole = bc_i32(e, BR_ORDER_WHOLE);
    for (uint32_t rank = 0; rank < ranks_of(k); rank++) {
        bc_value place = bc_iadd(e, w->first, bc_i32(e, place_of(k, rank)));
        for (uint32_t fact = 0; fact < BR_ORDERS; fact++)
            w->facts[rank][fact] = s->reads[fact] ? bc_load_splat(e, order_plane(e, k, s, fact), place) : NULL;
        bc_value cut = bc_load_i32(e, order_plane(e, k, s, BR_ORDER_CUT), place);
        w->facts[rank][BR_ORDER_CUT] = bc_splat(e, cut);
        ties = bc_or(e, ties, bc_iless(e, cut, whole));
    }
    return ties;
}

static bc_value drive_at(bc_emit *e, const bc_kernel *k, const settling *s, const window *w, uint32_t rank,
                         bc_value first)
{
    bc_value place = bc_iadd(e, w->below, bc_i32(e, place_of(k, rank)));
    return bc_load_vector(e, bc_row(e, e->f32, s->drives, place, k->plan->in.pitch), first);
}

/* The largest drives of a vector of channels, and their activations if they stay. */
typedef struct chosen_place {
    bc_value drive, activation, first, block; /* `first`: the first channel */
} chosen_place;

/* The activations that depression leaves. `facts`: of the chosen places. */
static bc_value activation_left(bc_emit *e, const settling *s, const bc_value *facts, chosen_place chosen, bool tied)
{
    bc_value x = bc_depress_reduced(e, &s->depress, chosen.drive, chosen.first);
    bc_limits limits = {facts[BR_ORDER_LEAST], facts[BR_ORDER_NEXT], tied ? facts[BR_ORDER_CUT] : NULL};
    bc_value stays = bc_depress_stays(e, &s->depress, &limits, x, chosen.block);
    return bc_depress_left(e, &s->neurons, &s->depress, chosen.activation, stays,
                           (bc_contest){x, facts[BR_ORDER_NEXT], facts[BR_ORDER_LARGEST]});
}

/* One vector of channels: the largest drive, the first of equals, and what decides whether its neuron stays. */
static void settle_vector(bc_emit *e, const bc_kernel *k, const settling *s, const window *w, bc_value block, bool tied)
{
    bc_value first = bc_imul(e, block, e->lanes), best = drive_at(e, k, s, w, 0, first), facts[BR_ORDERS];
    bc_value choice = LLVMConstNull(e->vector_i32);
    for (uint32_t fact = 0; fact < BR_ORDERS; fact++)
        facts[fact] = w->facts[0][fact];
    for (uint32_t rank = 1; rank < ranks_of(k); rank++) {
        bc_value x = drive_at(e, k, s, w, rank, first), larger = bc_greater(e, x, best);
        best = bc_select(e, larger, x, best);
        choice = bc_select(e, larger, bc_splat(e, bc_i32(e, rank)), choice);
        for (uint32_t fact = 0; fact < BR_ORDERS; fact++)
            if (facts[fact] && (fact != BR_ORDER_CUT || tied))
                facts[fact] = bc_select(e, larger, w->facts[rank][fact], facts[fact]);
    }
    bc_neurons neurons = {block, bc_load_vector(e, s->depress.thetas, first), bc_load_vector(e, s->scales, first)};
    bc_value o = bc_activation(e, &s->neurons, &neurons, best);
    if (s->depress.clause)
        o = activation_left(e, s, facts, (chosen_place){best, o, first, block}, tied);
    bc_store_vector(e, bc_row(e, e->f32, s->choices, w->to, k->plan->pitch), first,
                    LLVMBuildBitCast(e->builder, choice, e->vector, ""));
    bc_store_vector(e, bc_row(e, e->f32, s->depress.drives, w->to, k->plan->pitch), first, best);
    bc_store_vector(e, bc_row(e, e->f32, s->outs, w->to, k->plan->pitch), first, o);
}

static void settle_channels(bc_emit *e, const bc_kernel *k, const settling *s, const window *w, bool tied)
{
    bc_loop blocks = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->blocks), 1, "channels");
    settle_vector(e, k, s, w, blocks.i, tied);
    bc_loop_end(e, &blocks);
}

static void settle_window(bc_emit *e, const bc_kernel *k, const settling *s, window *w)
{
    if (!s->depress.clause) {
        settle_channels(e, k, s, w, false);
        return;
    }
    bc_value ties = load_facts(e, k, s, w);
    for (int tied = 0; tied < 2; tied++) {
        bc_branch these = bc_if(e, tied ? ties : LLVMBuildNot(e->builder, ties, ""), tied ? "tied" : "clear");
        settle_channels(e, k, s, w, tied);
        bc_endif(e, &these);
    }
}

static settling settling_of(bc_emit *e, const bc_kernel *k, bc_value state, bc_value order)
{
    settling s = {.neurons = bc_kernel_new(k->before),
                  .depress = {.clause = k->before->layer->depress_count > 0 ? &k->before->layer->depress[0] : NULL,
                              .sets_value = true,
                              .drives = BC_FIELD_PTR(e, state, drive),
                              .conscience = BC_FIELD_PTR(e, state, conscience),
                              .thetas = BC_FIELD_PTR(e, state, theta)},
                  .drives = BC_FIELD_PTR(e, state, input_drive),
                  .outs = BC_FIELD_PTR(e, state, out),
                  .choices = BC_FIELD_PTR(e, state, choice),
                  .order = order};
    if (!s.depress.clause)
        return s;
    bool next = bc_depress_reads_next(&s.neurons, &s.depress);
    s.reads[BR_ORDER_LEAST] = s.depress.clause->gap == 0;
    s.reads[BR_ORDER_NEXT] = s.reads[BR_ORDER_LARGEST] = next;
    return s;
}

void bc_settle(bc_emit *e, const bc_kernel *k, bc_kernel_args *args)
{
    const br_map *in = &k->plan->in;
    bc_value order = BC_FIELD_PTR(e, args->state, order), none = LLVMBuildIsNull(e->builder, order, "");
    bc_branch here = bc_if(e, LLVMBuildNot(e->builder, none, ""), "order");
    settling s = settling_of(e, k, args->state, order);
    lay_scales(e, k, &s);
    bc_loop samples = bc_loop_begin(e, args->first, args->end, 1, "sample");
    bc_places places = bc_places_in(e, k, bc_line_range_of(e, args, k->plan->out.height));
    bc_value y = bc_imul(e, places.y, k->layer->stride), x = bc_imul(e, places.x, k->layer->stride);
    bc_value place = bc_iadd(e, bc_imul(e, y, in->width), x);
    window w = {.to = bc_iadd(e, bc_imul(e, samples.i, k->plan->out.height * k->plan->out.width), places.place),
                .first = place,
                .below = bc_iadd(e, bc_imul(e, samples.i, in->height * in->width), place)};
    settle_window(e, k, &s, &w);
    bc_places_end(e, &places);
    bc_loop_end(e, &samples);
    bc_endif(e, &here);
    args->first = bc_select(e, none, args->first, args->end);
}
