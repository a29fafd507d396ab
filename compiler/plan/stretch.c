/* Which lines of a convolution, its depression and the pool behind it are computed together (docs/design/sparse.md). The
 * drives and activations of these lines stay in the first cache from the sums to the pool. */
#include "plan/stretch.h"

#include <inttypes.h>

enum {
    NEAR_BYTES = 32 << 10,   /* of drives and activations in the first cache */
    BOUNDS_BYTES = 256 << 10 /* larger bounds are read from the second cache or beyond, once for all lines */
};

/* Each line of the convolution belongs to one line of the pool at most. */
static bool windows_are_apart(const bl_layer *pool)
{
    return pool->kind == BT_LAYER_POOL && (pool->grid || pool->field_height <= pool->stride);
}

/* Each place belongs to one window at most, so that its error is that of one place of the pool. */
static bool places_are_apart(const bl_layer *pool)
{
    return windows_are_apart(pool) && (pool->grid || pool->field_width <= pool->stride);
}

/* Places depress each other over the whole map. */
static bool depresses_places(const bl_layer *layer)
{
    for (uint32_t i = 0; i < layer->depress_count; i++)
        if (layer->depress[i].over_places)
            return true;
    return false;
}

/* Its winners, if it is depressed, are chosen among all filters of a place, and the activation of a winner is a function
 * of its drive that compiles to the same bits wherever it is computed. */
static bool is_settled_by_drive(const bl_layer *conv)
{
    if (conv->depress_count == 0)
        return conv->fire == BT_FIRE_RAMP;
    bool fires = conv->fire == BT_FIRE_RAMP || conv->fire == BT_FIRE_BINARY || conv->fire == BT_FIRE_GRADED;
    return conv->depress_count == 1 && !conv->depress->over_places && conv->depress->within == 0 && fires;
}

/* The pool takes one place of each window, and only the neurons of this place need an activation. */
static bool settles(const bc_layer_plan *conv, const bl_layer *pool)
{
    uint64_t places = (uint64_t)pool->field_height * pool->field_width;
    return conv->unread && is_settled_by_drive(conv->layer) && pool->pooling == BT_POOL_MAX && !pool->grid &&
           places <= BC_SETTLED_PLACES && conv->out.pitch >= BR_ORDERS /* they lie in the map of activations */;
}

/* Bytes of drives and activations of the lines that one line of the pool reads. */
static uint64_t bytes_of_line(const bc_layer_plan *conv, const bl_layer *pool)
{
    uint64_t lines = pool->grid ? (conv->out.height + pool->out.height - 1) / pool->out.height : pool->stride;
    return lines * conv->out.width * conv->out.pitch * 2 * sizeof(float);
}

/* The fewest lines of a group so that each group, and a last one of more than half the lines, has a vector of places,
 * which depression takes at a time. */
static uint32_t least_lines(const bc_layer_plan *conv, const bl_layer *pool)
{
    uint32_t places = conv->out.width * (pool->grid ? conv->out.height / pool->out.height : pool->stride);
    uint32_t lines = (conv->lanes + places - 1) / places;
    return conv->layer->depress_count > 0 && lines > 1 ? 2 * (lines - 1) : 1;
}

void bc_plan_pairs(bc_layer_plan *conv, uint32_t places)
{
    enum { ENOUGH = 64, MOST = 8 };
    uint32_t slots = ENOUGH / places;
    conv->filter_stride = (places + 2 * conv->lanes - 1) / conv->lanes * conv->lanes;
    conv->slots = slots < 1 ? 1 : slots < MOST ? slots : MOST;
}

void bc_plan_stretch(bc_plan *plan, uint32_t index)
{
    bc_layer_plan *conv = &plan->layers[index];
    const bl_layer *pool = &plan->program->layers[index + 1];
    if (conv->layer->kind != BT_LAYER_CONV || !windows_are_apart(pool) || pool->source_count != 1 ||
        pool->sources[0] != index || plan->layers[index + 1].jitter > 0) /* which lines it reads differs by sample */
        return;
    uint32_t whole = pool->out.height, lines = NEAR_BYTES / bytes_of_line(conv, pool);
    lines = lines > 1 ? lines & ~1u : 1; /* sums of two or four lines share their loads of inputs */
    lines = lines < least_lines(conv, pool) ? least_lines(conv, pool) : lines;
    if (depresses_places(conv->layer) || conv->bounds_bytes > BOUNDS_BYTES || lines > whole)
        lines = whole;
    conv->stretch = lines;
    const bl_program *program = plan->program;
    bool one_reader = bl_readers_of(program->layers, plan->layer_count, index).count == 1,
         read = index + 2 < program->layer_count;
    bool passes_errors = places_are_apart(pool) && pool->pooling == BT_POOL_MAX && read && one_reader;
    conv->unread = one_reader && !plan->check;                            /* messages about faults read the maps */
    bool few = conv->layer->depress_count > 0 || pool->depress_count > 0; /* errors at few places */
    conv->pooled = few && conv->unread && passes_errors && !conv->layer->homeostasis &&
                   conv->layer->theta_xi <= 0; /* a threshold that moves reads the drives of all neurons */
    if (conv->layer->homeostasis && conv->layer->depress_count == 0 && passes_errors) {
        conv->standardised = false; /* the statistics are those of the pooled drives (26) */
        conv->pooled = plan->layers[index + 1].standardised = true;
    }
    plan->layers[index + 1].pooled = conv->pooled;
    if (conv->pooled)
        bc_plan_pairs(conv, pool->out.height * pool->out.width);
    conv->settled = plan->layers[index + 1].settled = settles(conv, pool);
}

void bc_print_stretch(const bc_plan *plan, uint32_t index, FILE *to)
{
    const bc_layer_plan *conv = &plan->layers[index];
    if (conv->stretch == 0)
        return;
    const bl_layer *pool = &plan->program->layers[index + 1];
    uint64_t bytes = bytes_of_line(conv, pool) * conv->stretch;
    const char *settles = !conv->settled                   ? ""
                          : conv->layer->depress_count > 0 ? "; the pool settles winners"
                                                           : "; the pool makes the activations";
    if (conv->stretch == pool->out.height)
        fprintf(to, "  stretch  with %s, the whole map at once: %s%s\n", pool->name,
                depresses_places(conv->layer)       ? "places depress each other"
                : conv->bounds_bytes > BOUNDS_BYTES ? "its bounds exceed the first cache"
                                                    : "it fits into the first cache",
                settles);
    else
        fprintf(to,
                "  stretch  with %s, for %u of its lines at a time: %" PRIu64 " bytes of drives and activations%s\n",
                pool->name, conv->stretch, bytes, settles);
}

void bc_print_homeostasis(const bc_plan *plan, uint32_t index, FILE *to)
{
    const bc_layer_plan *layer = &plan->layers[index];
    if (!layer->layer->homeostasis)
        return;
    const char *map = layer->standardised ? layer->layer->name : plan->program->layers[index + 1].name;
    fprintf(
        to,
        "  balance  drives are standardised by the statistics of a batch in the map of %s; at rest by one gain and\n"
        "           one threshold for each neuron\n",
        map);
}
