/* The end of a batch for shared filters: applies the steps, limits the bounds, and updates the copies that training
 * reads.
 *
 * The forward kernel reads rows over neurons, training reads the field of each filter in one piece. A square of lanes x
 * lanes values is transposed in registers between the two layouts. */
#include "learn/pairs.h"

typedef struct apply_context {
    bc_value bounds;                   /* [rows][pitch], at the first neuron of the block */
    bc_value filters, slopes, changes; /* [neurons][field], at the first neuron of the block */
    bc_value square;                   /* [lanes][lanes], in the stack */
    uint64_t field, group;             /* floats of one filter's field in a group of channels; of all filters */
} apply_context;

/* Adds up the changes of all groups for one vector of a filter, in order, and clears them. */
static bc_value take_changes(bc_emit *e, const apply_context *u, bc_value filter, bc_value at)
{
    bc_value sum = bc_splat_f32(e, 0), none = bc_i32(e, 0);
    bc_value first = bc_row(e, e->f32, bc_row(e, e->f32, u->changes, filter, u->field), at, 1);
    for (uint32_t g = 0; g < BR_GROUPS; g++) { /* at constant distances */
        bc_value changes = bc_row(e, e->f32, first, bc_i32(e, g), u->group);
        sum = bc_add(e, sum, bc_load_vector(e, changes, none));
        bc_store_vector(e, changes, none, bc_splat_f32(e, 0));
    }
    return sum;
}

/* What a walk over pairs compares: v, or alpha = 1 - 1/a. Exactly alpha_max where v = 0, so that o = alpha_max is no more
 * than it. */
static bc_value limit(bc_emit *e, const bc_kernel *k, bc_value v, bc_value slope)
{
    if (!bc_pairs_by_level(k))
        return v;
    bc_value alpha = bc_sub(e, bc_splat_f32(e, 1), bc_abs(e, slope)), zero = bc_splat_f32(e, 0);
    return bc_select(e, bc_equal(e, v, zero), bc_splat_f32(e, (float)k->layer->alpha_max), alpha);
}

/* Takes the step of one vector of filter `filter`, which is a line of the square, and brings its copies up to date.
 * `real` (NULL: all): the lanes that are connections. */
static void step(bc_emit *e, const bc_kernel *k, const apply_context *u, bc_value filter, bc_value from, bc_value real)
{
    bc_value line = bc_imul(e, filter, e->lanes), zero = bc_splat_f32(e, 0), v = bc_load_vector(e, u->square, line);
    bc_value moved = bc_bounded(e, k, v, bc_add(e, v, take_changes(e, u, filter, from)));
    v = real ? bc_select(e, real, moved, zero) : moved;
    bc_value slope = bc_slope(e, k, v);
    bc_store_vector(e, u->square, line, v);
    bc_store_vector(e, bc_row(e, e->f32, u->filters, filter, u->field), from, limit(e, k, v, slope));
    bc_store_vector(e, bc_row(e, e->f32, u->slopes, filter, u->field), from,
                    real ? bc_select(e, real, slope, zero) : slope);
}

/* Updates one square: `inputs` rows of bounds from `row` on, which are vectors at `from` in as many filters as there
 * are lanes. Padding behind a row of the field is no connection: its bound and slope stay 0, and its changes are
 * dropped. A loop takes four filters at a time: a copy of the step for each of 16 takes long
 * to compile. */
static void square(bc_emit *e, const bc_kernel *k, const apply_context *u, bc_value row, bc_value from, uint32_t inputs)
{
    bc_value v[64], zero = bc_splat_f32(e, 0), real = NULL;
    for (uint32_t i = 0; i < e->lanes; i++) {
        bc_value at = bc_row(e, e->f32, u->bounds, bc_iadd(e, row, bc_i32(e, i < inputs ? i : 0)), k->plan->pitch);
        v[i] = i < inputs ? bc_load_vector(e, at, bc_i32(e, 0)) : zero;
    }
    if (inputs < e->lanes)
        real = bc_lanes_below(e, bc_i32(e, 0), inputs);
    bc_transpose(e, v);
    for (uint32_t i = 0; i < e->lanes; i++)
        bc_store_vector(e, u->square, bc_i32(e, i * e->lanes), v[i]);
    bc_loop filters = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, e->lanes), 4, "filter");
    for (uint32_t i = 0; i < 4; i++)
        step(e, k, u, bc_iadd(e, filters.i, bc_i32(e, i)), from, real);
    bc_loop_end(e, &filters);
    for (uint32_t i = 0; i < e->lanes; i++)
        v[i] = bc_load_vector(e, u->square, bc_i32(e, i * e->lanes));
    bc_transpose(e, v);
    for (uint32_t i = 0; i < inputs; i++)
        bc_store_vector(e, bc_row(e, e->f32, u->bounds, bc_iadd(e, row, bc_i32(e, i)), k->plan->pitch), bc_i32(e, 0),
                        v[i]);
}

/* The lines of a block's field whose inputs are `inputs` channels from `first` on at each of `columns` places. */
static void lines(bc_emit *e, const bc_kernel *k, const apply_context *u, bc_value first, uint32_t columns,
                  uint32_t inputs)
{
    uint32_t width = k->layer->field_width * k->plan->in.pitch, vectors = (inputs + e->lanes - 1) / e->lanes;
    bc_loop lines = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, k->layer->field_height), 1, "line");
    bc_loop places = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, columns), 1, "column");
    bc_value row = bc_iadd(e, bc_imul(e, lines.i, width), bc_imul(e, places.i, k->plan->in.pitch));
    bc_value from = bc_iadd(e, bc_imul(e, lines.i, bc_pairs_row(k)), bc_imul(e, places.i, vectors * e->lanes));
    row = bc_iadd(e, row, first);
    bc_loop parts = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, inputs), e->lanes, "part");
    square(e, k, u, bc_iadd(e, row, parts.i), bc_iadd(e, from, parts.i), e->lanes);
    bc_loop_end(e, &parts);
    if (inputs % e->lanes != 0)
        square(e, k, u, bc_iadd(e, row, parts.rest), bc_iadd(e, from, parts.rest), inputs % e->lanes);
    bc_loop_end(e, &places);
    bc_loop_end(e, &lines);
}

void bc_emit_conv_apply(bc_emit *e, const bc_kernel *k, const char *name)
{
    bc_kernel_args a = bc_function(e, name);
    const bc_layer_plan *plan = k->plan;
    uint64_t field = bc_pairs_field(k), block = e->lanes * field; /* of the filters of a block in a group of channels */
    uint32_t groups = bc_pairs_groups(k);
    bc_value bounds = BC_FIELD_PTR(e, a.state, bounds), filters = BC_FIELD_PTR(e, a.state, filters.bounds);
    bc_value slopes = BC_FIELD_PTR(e, a.state, filters.slopes), changes = BC_FIELD_PTR(e, a.state, filters.changes);
    apply_context u = {.square = bc_stack_buffer(e, e->lanes * e->lanes, "square"), .field = field};
    u.group = (uint64_t)plan->pitch * groups * field;
    bc_loop blocks = bc_loop_begin(e, a.first, a.end, 1, "block");
    bc_loop channels = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, groups), 1, "channels");
    bc_value number = bc_iadd(e, bc_imul(e, blocks.i, groups), channels.i);
    u.bounds = bc_block(e, bounds, blocks.i);
    u.filters = bc_row(e, e->f32, filters, number, block);
    u.slopes = bc_row(e, e->f32, slopes, number, block);
    u.changes = bc_row(e, e->f32, changes, number, block);
    if (bc_pairs_grouped(k))
        lines(e, k, &u, bc_imul(e, channels.i, e->lanes), k->layer->field_width, e->lanes);
    else
        lines(e, k, &u, bc_i32(e, 0), 1, k->layer->field_width * plan->in.pitch);
    bc_loop_end(e, &channels);
    bc_loop_end(e, &blocks);
    bc_return(e);
}
