/* The operation of a layer and the shape of its map: dense layers, convolutions, pools; windows, strides, grids. */
#include <string.h>

#include "check/layer_parts.h"

static const char *size_text(const bl_layer_check *check, uint32_t height, uint32_t width)
{
    return bl_size_text(check->checker->arena, height, width);
}

static const char *number_text(const bl_layer_check *check, double number)
{
    return bl_number_text(check->checker->arena, number);
}

/* ---- options ---- */

void bl_check_belongs(const bl_layer_check *check, const bl_node *option)
{
    static const struct {
        bl_kind option;
        bool conv, pool;
        const char *where;
    } HOMES[] = {{BL_NODE_STRIDE, true, true, "conv and pool"},
                 {BL_NODE_PADDING, true, false, "conv"},
                 {BL_NODE_GRID, false, true, "pool"},
                 {BL_NODE_WINDOW, false, true, "pool"},
                 {BL_NODE_CALIBRATE, false, true, "pool(sum)"},
                 {BL_NODE_JITTER, false, true, "pool(sum) and pool(mean) with a grid of several cells"}};
    bt_layer_kind kind = check->layer->kind;
    for (size_t i = 0; i < sizeof HOMES / sizeof *HOMES; i++) {
        if (HOMES[i].option != option->kind)
            continue;
        bool home = (kind == BT_LAYER_CONV && HOMES[i].conv) || (kind == BT_LAYER_POOL && HOMES[i].pool);
        if (!home)
            bl_diagnose(check->checker->context, MISPLACED, option->place, bl_node_once(option->kind), HOMES[i].where);
    }
}

static void check_options(const bl_layer_check *check)
{
    bl_check_once(check->checker, check->node);
    for (const bl_node *option = check->node->first->next; option != NULL; option = option->next)
        bl_check_belongs(check, option);
}

bool bl_take_extent(const bl_layer_check *check, const bl_node *node, bt_shape map, uint32_t sides[2])
{
    uint32_t length;
    sides[0] = sides[1] = 0;
    if (node->kind == BL_NODE_SIZE)
        return bl_take_window(check->constants, node, sides);
    if (!bl_take_count(check->constants, node, BL_QUANTITY_WINDOW, &length))
        return false;
    sides[0] = 1;
    sides[1] = length;
    if (!bl_shape_known(map) || map.height == 1)
        return true;
    uint32_t across = map.width == 1 ? 1 : length;
    bl_diagnose(check->checker->context, EXTENT_SINGLE, node->place, number_text(check, length),
                size_text(check, map.height, map.width), size_text(check, length, across));
    return false;
}

/* The stride must be the same in both directions. On a map of one row or one column there is only one. */
static bool even_stride(const bl_layer_check *check, bl_place place, const uint32_t sides[2], uint32_t *stride)
{
    const bt_shape *in = &check->layer->in;
    *stride = in->height == 1 ? sides[1] : sides[0];
    if (sides[0] == sides[1] || in->height == 1 || in->width == 1)
        return true;
    if (!bl_shape_known(*in))
        return false;
    bl_diagnose(check->checker->context, STRIDE_UNEVEN, place, size_text(check, sides[0], sides[1]),
                number_text(check, sides[0] < sides[1] ? sides[0] : sides[1]));
    return false;
}

/* `stride 2` or `stride 2x2`. */
static bool take_stride(const bl_layer_check *check, const bl_node *option, uint32_t *stride)
{
    uint32_t sides[2];
    if (option->first->kind != BL_NODE_SIZE)
        return bl_take_count(check->constants, option->first, BL_QUANTITY_STRIDE, stride);
    return bl_take_window(check->constants, option->first, sides) && even_stride(check, option->place, sides, stride);
}

/* ---- the shape of the output ---- */

/* The number of windows along one side. *before: rows or columns of padding above or to the left. */
static uint32_t places_along(uint32_t in, uint32_t window, uint32_t stride, bool same, uint32_t *before)
{
    uint32_t count = same ? (in - 1) / stride + 1 : (in - window) / stride + 1;
    uint64_t reach = (uint64_t)(count - 1) * stride + window;
    *before = reach > in ? (uint32_t)(reach - in) / 2 : 0;
    return count;
}

/* Places the windows on the input map. False, with a diagnostic: they do not fit. */
static bool lay_windows(const bl_layer_check *check, const bl_node *window, const bl_node *stride, bool same)
{
    bl_layer *layer = check->layer;
    bl_context *context = check->checker->context;
    const bt_shape *in = &layer->in;
    const char *map = size_text(check, in->height, in->width);
    bool line = in->height == 1 || in->width == 1;
    uint32_t most = (in->height < in->width) != line ? in->height : in->width; /* the shorter side, or the only one */
    if (layer->field_height > in->height || layer->field_width > in->width) {
        bl_diagnose(context, WINDOW_LARGE, window->place, size_text(check, layer->field_height, layer->field_width),
                    map, map);
        return false;
    }
    if (layer->stride > most) {
        bl_diagnose(context, STRIDE_LARGE, (stride != NULL ? stride : window)->place, number_text(check, layer->stride),
                    map, number_text(check, most));
        return false;
    }
    layer->out.height = places_along(in->height, layer->field_height, layer->stride, same, &layer->pad_top);
    layer->out.width = places_along(in->width, layer->field_width, layer->stride, same, &layer->pad_left);
    return true;
}

static void shape_dense(const bl_layer_check *check, const bl_node *operation)
{
    bl_layer *layer = check->layer;
    bl_take_count(check->constants, operation->first, BL_QUANTITY_NEURONS, &layer->neurons);
    layer->stride = 1;
    layer->field_height = layer->in.height;
    layer->field_width = layer->in.width;
    layer->inputs = layer->in.height * layer->in.width * layer->in.channels;
    layer->out = (bt_shape){1, 1, layer->neurons};
}

static void shape_conv(const bl_layer_check *check, const bl_node *operation)
{
    bl_layer *layer = check->layer;
    const bl_node *stride = bl_node_find(check->node, BL_NODE_STRIDE);
    const bl_node *padding = bl_node_find(check->node, BL_NODE_PADDING), *window = operation->first;
    uint32_t sides[2];
    bool known = bl_take_extent(check, window, layer->in, sides);
    bl_take_count(check->constants, operation->last, BL_QUANTITY_FILTERS, &layer->neurons);
    layer->stride = 1;
    if (stride != NULL)
        known = take_stride(check, stride, &layer->stride) && known;
    layer->field_height = sides[0];
    layer->field_width = sides[1];
    bool same = padding != NULL && strcmp(padding->text, "same") == 0;
    if (!known || !bl_shape_known(layer->in) || !lay_windows(check, window, stride, same))
        return;
    layer->inputs = sides[0] * sides[1] *
                    layer->in.channels; /* no overflow: the window lies within a map of at most BL_MAX_NEURONS values */
    layer->out.channels = layer->neurons;
}

/* Cells of nearly equal size: cell g of G covers the places from g n / G up to (g + 1) n / G of n. */
static void shape_grid(const bl_layer_check *check, const bl_node *grid)
{
    bl_layer *layer = check->layer;
    const bt_shape *in = &layer->in;
    const bl_node *stride = bl_node_find(check->node, BL_NODE_STRIDE);
    uint32_t cells[2];
    if (stride != NULL)
        bl_diagnose(check->checker->context, MISPLACED, stride->place, bl_node_once(stride->kind),
                    "convolutions and pools with a window");
    layer->grid = true;
    layer->stride = 1;
    if (!bl_take_extent(check, grid->first, *in, cells) || !bl_shape_known(*in))
        return;
    if (cells[0] > in->height || cells[1] > in->width) {
        const char *map = size_text(check, in->height, in->width);
        bl_diagnose(check->checker->context, GRID_FINE, grid->place, size_text(check, cells[0], cells[1]), map, map);
        return;
    }
    layer->field_height = (in->height - 1) / cells[0] + 1; /* the largest cell */
    layer->field_width = (in->width - 1) / cells[1] + 1;
    layer->out = (bt_shape){cells[0], cells[1], in->channels};
}

/* The default stride of a pool is its window. */
static void shape_windows(const bl_layer_check *check, const bl_node *option)
{
    bl_layer *layer = check->layer;
    const bl_node *stride = bl_node_find(check->node, BL_NODE_STRIDE), *window = option->first;
    uint32_t sides[2];
    bool known = bl_take_extent(check, window, layer->in, sides);
    if (stride != NULL)
        known = take_stride(check, stride, &layer->stride) && known;
    else if (known)
        known = even_stride(check, window->place, sides, &layer->stride);
    layer->field_height = sides[0];
    layer->field_width = sides[1];
    if (known && bl_shape_known(layer->in) && lay_windows(check, window, stride, false))
        layer->out.channels = layer->in.channels;
}

static void shape_pool(const bl_layer_check *check, const bl_node *operation)
{
    bl_layer *layer = check->layer;
    const bl_node *window = bl_node_find(check->node, BL_NODE_WINDOW), *grid = bl_node_find(check->node, BL_NODE_GRID);
    bt_pooling_of(operation->text, &layer->pooling);
    if ((window == NULL) == (grid == NULL))
        bl_diagnose(check->checker->context, POOL_CELLS, operation->place, window == NULL ? "neither" : "both");
    else if (grid != NULL)
        shape_grid(check, grid);
    else
        shape_windows(check, window);
    layer->neurons = layer->out.channels;
}

/* ---- limits ---- */

static void check_limits(const bl_layer_check *check)
{
    bl_layer *layer = check->layer;
    bl_context *context = check->checker->context;
    bl_place place = check->node->first->place;
    uint64_t connections = (uint64_t)layer->inputs * layer->neurons;
    uint64_t values = bt_places(layer->out);
    if (connections > BL_MAX_CONNECTIONS)
        bl_diagnose(context, CONNECTIONS, place, number_text(check, (double)connections),
                    number_text(check, (double)BL_MAX_CONNECTIONS));
    if (values * layer->out.channels <= BL_MAX_NEURONS)
        return;
    bl_diagnose(context, SIZE_WRONG, place, "this layer's map", number_text(check, BL_MAX_NEURONS));
    layer->out = (bt_shape){0};
}

void bl_check_shape(const bl_layer_check *check)
{
    const bl_node *operation = check->node->first;
    check_options(check);
    switch (check->layer->kind) {
    case BT_LAYER_DENSE:
        shape_dense(check, operation);
        break;
    case BT_LAYER_CONV:
        shape_conv(check, operation);
        break;
    default:
        shape_pool(check, operation);
    }
    check_limits(check);
}
