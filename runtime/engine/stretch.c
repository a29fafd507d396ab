#include "engine/stretch.h"

#include "base/part.h"
#include "engine/methods.h"

typedef struct stretch {
    const br_layer_code *conv, *pool;
    br_kernel *sum; /* of the convolution, by lines or by vector blocks */
    bool by_lines;
    br_layer_state conv_state, pool_state; /* copies, whose maps of the convolution may begin elsewhere */
    uint32_t n;
} stretch;

/* The first line that line `line` of the pool reads. A stride of 1 is that of a grid of cells, or of a window of one
 * place. */
static uint32_t line_below(const stretch *s, uint32_t line)
{
    const br_layer_shape *pool = &s->pool->shape;
    return pool->stride > 1 ? line * pool->stride : (uint32_t)((uint64_t)line * pool->in.height / pool->out.height);
}

/* The lines of the next group from line `from` of the pool on. A last group of less than half the lines is joined to
 * the one before: depression wants a vector of places. */
static uint32_t group_end(const stretch *s, uint32_t from)
{
    uint32_t lines = s->conv->layout.stretch, all = s->pool->shape.out.height;
    return !s->by_lines || from + lines + lines / 2 >= all ? all : from + lines;
}

/* Winners are found in the pool: nobody reads the convolution's activations, and the order of its places lies in their
 * memory. */
static void rebase_order(stretch *s, const br_layer_state *state, uint32_t slot, uint32_t first)
{
    const br_map *map = &s->conv->shape.out;
    float *out = state->out + (uint64_t)slot * map->sample_stride;
    s->conv_state.order = (float *)((intptr_t)out - (intptr_t)((uint64_t)first * map->width * sizeof *out));
    s->pool_state.order = s->conv_state.order;
    s->pool_state.theta = state->theta;
    s->pool_state.conscience = state->conscience;
}

/* Lets the maps of the convolution begin so that line `first` of sample n is at the start of sample `slot`. */
static void rebase(stretch *s, const br_layer_state *state, uint32_t slot, uint32_t first)
{
    const br_map *map = &s->conv->shape.out;
    int64_t forth = (int64_t)slot * map->sample_stride;
    int64_t back = (int64_t)s->n * map->sample_stride + (int64_t)first * map->width * map->pitch;
    intptr_t shift = (intptr_t)((forth - back) * (int64_t)sizeof(float));
    s->conv_state.drive = (float *)((intptr_t)state->drive + shift);
    s->conv_state.out = (float *)((intptr_t)state->out + shift);
    s->pool_state.input_drive = s->conv_state.drive;
    s->pool_state.in = s->conv_state.out;
    if (s->conv->layout.settled)
        rebase_order(s, state, slot, first);
}

static void conv_lines(const stretch *s, br_part lines)
{
    br_part part = s->by_lines ? lines : (br_part){0, s->conv->layout.pitch / s->conv->layout.lanes};
    s->sum(&s->conv_state, s->n, s->n + 1, part.from, part.to);
    br_kernel *depress = br_depression(s->conv, &s->conv_state);
    if (depress)
        depress(&s->conv_state, s->n, s->n + 1, lines.from, lines.to);
}

void br_stretch_forward(const br_workspace *workspace, uint32_t layer, bt_method method, uint32_t n,
                        const uint32_t *slot)
{
    const br_layer_code *code = &workspace->model->layers[layer];
    stretch s = {.conv = code,
                 .pool = code + 1,
                 .sum = br_method_of(code, method).sum,
                 .by_lines = method != BT_METHOD_PACKED,
                 .conv_state = workspace->layers[layer],
                 .pool_state = workspace->layers[layer + 1],
                 .n = n};
    uint32_t height = code->shape.out.height, all = s.pool->shape.out.height;
    br_part below = {0, 0};
    for (uint32_t from = 0, to; from < all; from = to, below.from = below.to) {
        to = group_end(&s, from);
        below.to = line_below(&s, to);
        if (below.to > height || (to == all && (!slot || from == 0))) /* places of a whole map may depress each other */
            below.to = height;
        if (slot)
            rebase(&s, &workspace->layers[layer], *slot, below.from);
        conv_lines(&s, below);
        s.pool->kernels.forward(&s.pool_state, n, n + 1, from, to);
    }
    const br_layer_state *pool = &workspace->layers[layer + 1];
    br_kernel *depress = br_depression(s.pool, pool);
    if (depress && !workspace->waits[layer + 1])
        depress(pool, n, n + 1, 0, 0);
}
