/* How the sums of a convolution walk over bounds and places: the order of the loops, from sizes and caches. Every walk
 * adds the live inputs of a neuron in the same order, so all walks give the same bits. */
#include "plan/walk.h"

#include <inttypes.h>

#include "plan/live.h"

/* Bytes of bounds that stay in the first cache during a loop over places, and bytes of those places' drives. */
enum { FIRST_CACHE = 24u << 10, FIRST_DRIVES = 16u << 10 };

/* Bytes of bounds that may stay in the second cache, which has 1 or 2 MiB on processors with AVX-512 and mostly 512 KiB
 * or more on others. A quarter of it is for drives where bounds exceed it. */
static uint32_t second_cache(uint32_t lanes)
{
    return lanes == 16 ? 1u << 20 : 512u << 10;
}

static uint32_t least(uint64_t a, uint32_t b)
{
    return a < b ? (uint32_t)a : b;
}

static uint64_t bytes_of(const bc_layer_plan *plan, uint32_t vectors, uint64_t rows)
{
    return rows * vectors * plan->lanes * sizeof(float);
}

static uint64_t bytes_of_field(const bc_layer_plan *plan, uint32_t vectors)
{
    return bytes_of(plan, vectors, plan->rows);
}

/* Registers for sums: 16 of AVX-512's 32, 4 of 16. */
static uint32_t lines_together(const bc_layer_plan *plan, uint32_t vectors)
{
    uint32_t registers = plan->lanes == 16 ? 16 : 4, lines = registers / vectors;
    if (plan->layer->field_height <= plan->layer->stride || lines == 0)
        return 1;
    return least(lines < BC_TOGETHER ? lines : BC_TOGETHER, plan->out.height);
}

/* Whether depression leaves at most a quarter of the inputs live. */
static bool reads_few(const bl_program *program, const bl_layer *layer)
{
    enum { FEW = 4 };
    for (uint32_t i = 0; i < layer->source_count; i++)
        if (FEW * bc_live_at_most(program, layer->sources[i]) > 1)
            return false;
    return true;
}

/* Whether a place's field is walked at once. If few inputs are live, the walk over parts spends more time on the ends of
 * its many short lists than on bounds from the second cache. */
static bool place_by_place(const bc_layer_plan *plan, const bc_walk *walk)
{
    return bytes_of_field(plan, walk->vectors) <= walk->caches.first ||
           (walk->few && plan->bounds_bytes <= walk->caches.second);
}

bc_walk bc_walk_of(const bc_layer_plan *plan, uint32_t vectors)
{
    const bc_caches *caches = &plan->walk.caches;
    bc_walk walk = {.caches = *caches, .few = plan->walk.few, .vectors = vectors, .columns = plan->layer->field_width};
    if (place_by_place(plan, &walk)) {
        walk.order = BC_ORDER_PLACES;
        walk.lines = lines_together(plan, vectors);
        return walk;
    }
    uint64_t row = bytes_of(plan, vectors, (uint64_t)plan->layer->field_width * plan->in.pitch);
    uint64_t parts = (row + caches->first - 1) / caches->first;
    walk.columns = parts < walk.columns ? (uint32_t)((walk.columns + parts - 1) / parts) : 1;
    bool near = plan->bounds_bytes <= caches->second;
    uint64_t drives = bytes_of(plan, vectors, plan->out.width), room = near ? FIRST_DRIVES : caches->second / 4;
    walk.order = near ? BC_ORDER_LINES : BC_ORDER_BOUNDS;
    walk.lines = least(drives < room ? room / drives : 1, plan->out.height);
    return walk;
}

/* Vectors of a block. If bounds come from beyond the second cache, a block is as wide as the registers allow: its rows
 * are then read in long pieces. Blocks of equal width leave no narrow one behind. */
static uint32_t block_of(const bc_layer_plan *plan, uint32_t most)
{
    uint32_t vectors = plan->pitch / plan->lanes;
    if (most == 0 || most > 16)
        most = plan->lanes < 16 ? 4 : plan->bounds_bytes > plan->walk.caches.second ? 16 : 8;
    uint32_t blocks = (vectors + most - 1) / most;
    return (vectors + blocks - 1) / blocks;
}

bc_walk bc_walk_plan(const bl_program *program, const bc_layer_plan *plan, const bc_options *options)
{
    bc_layer_plan with = *plan;
    with.walk.caches = options->caches;
    with.walk.few = reads_few(program, plan->layer);
    if (with.walk.caches.first == 0)
        with.walk.caches.first = FIRST_CACHE;
    if (with.walk.caches.second == 0)
        with.walk.caches.second = second_cache(plan->lanes);
    return bc_walk_of(&with, block_of(&with, options->block));
}

static const char *plural(uint32_t count)
{
    return count == 1 ? "" : "s";
}

void bc_walk_print(const bc_layer_plan *plan, FILE *to)
{
    const bc_walk *walk = &plan->walk;
    uint64_t field = bytes_of_field(plan, walk->vectors);
    fprintf(to, "  method   events: rows of live inputs only, blocks of %u vector%s\n", walk->vectors,
            plural(walk->vectors));
    if (walk->order == BC_ORDER_PLACES) {
        fprintf(to, "  order    place by place, %u line%s at a time: a block's field has %" PRIu64 " bytes,\n",
                walk->lines, plural(walk->lines), field);
        if (field <= walk->caches.first)
            fprintf(to, "           no more than %u of the first cache\n", walk->caches.first);
        else
            fprintf(to, "           more than %u of the first cache, but depression leaves few inputs live\n",
                    walk->caches.first);
        return;
    }
    fprintf(to, "  order    %u column%s of the window at a time over %u line%s of places: a block's field has\n",
            walk->columns, plural(walk->columns), walk->lines, plural(walk->lines));
    fprintf(to,
            "           %" PRIu64 " bytes, more than %u of the first cache; all bounds are %s than %u of the second\n",
            field, walk->caches.first, walk->order == BC_ORDER_LINES ? "no more" : "more", walk->caches.second);
}
