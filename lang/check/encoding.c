/* Encodings: the steps that prepare a raw sample for the first layer, in order, and the resulting shape. */
#include "check/check.h"

typedef struct encoding_check {
    bl_checker *checker;
    const bl_input *input;
    bool image_known; /* height and width are known */
    bool whitened;    /* the encodings so far end in `whiten`, with `split on off` behind it if `split` is set */
    bool split;
    bt_shape shape; /* after the steps so far; channels are 0 if unknown */
} encoding_check;

/* Takes the sides of a box or a patch, which must fit into the image. */
static bool take_box(const encoding_check *check, const bl_node *size, bl_encoding *out)
{
    uint32_t sides[2];
    if (!bl_take_window(&check->checker->constants, size, sides))
        return false;
    out->height = sides[0];
    out->width = sides[1];
    if (!check->image_known || (sides[0] <= check->shape.height && sides[1] <= check->shape.width))
        return true;
    const char *map = bl_size_text(check->checker->arena, check->shape.height, check->shape.width);
    bl_diagnose(check->checker->context, WINDOW_LARGE, size->place, size->text, map, map);
    return false;
}

static void check_opponent(encoding_check *check, const bl_node *node)
{
    if (check->image_known && check->input->channels != 3)
        bl_diagnose(check->checker->context, OPPONENT_CHANNELS, node->place,
                    bl_number_text(check->checker->arena, check->input->channels));
}

static void check_whiten(const encoding_check *check, const bl_node *node, bl_encoding *out)
{
    bl_arena *arena = check->checker->arena;
    double patches = 0;
    bool known = bl_take(&check->checker->constants, node->first, BL_QUANTITY_PATCHES, &patches);
    known = take_box(check, node->first->next, out) && known;
    const bl_node *epsilon = bl_node_find(node, BL_NODE_EPSILON);
    out->epsilon = bl_default(BL_QUANTITY_EPSILON);
    if (epsilon != NULL)
        bl_take(&check->checker->constants, epsilon->first, BL_QUANTITY_EPSILON, &out->epsilon);
    uint64_t dimensions = (uint64_t)out->height * out->width * check->input->channels;
    out->patches = (uint64_t)patches;
    if (known && check->image_known && out->patches < dimensions)
        bl_diagnose(check->checker->context, WHITEN_FEW, node->first->place, bl_number_text(arena, patches),
                    bl_number_text(arena, (double)dimensions));
}

static bool is_tied(const bl_node *node)
{
    return node->kind == BL_NODE_LEVELS && bl_node_find(node, BL_NODE_TIED) != NULL;
}

/* An encoding that makes several values of one must be the last. Two exceptions: `complement` may follow `levels`, and
 * tied levels follow `split on off`. */
static void check_end(const encoding_check *check, const bl_node *node)
{
    bool levels = node->kind == BL_NODE_LEVELS && !is_tied(node);
    for (const bl_node *after = node->next; after != NULL; after = after->next)
        if (after->kind != BL_NODE_BROKEN && after->kind != node->kind &&
            !(levels && after->kind == BL_NODE_COMPLEMENT) && !(node->kind == BL_NODE_ON_OFF && is_tied(after))) {
            bl_diagnose(check->checker->context, SPLIT_EARLY, node->place, bl_node_once(node->kind),
                        levels ? " or stand before `complement`" : "");
            break;
        }
}

/* Records that each value becomes `factor` values. */
static void multiply(encoding_check *check, const bl_node *node, uint32_t factor)
{
    uint64_t values = bt_values(check->shape) * factor;
    check_end(check, node);
    if (check->image_known && values > BL_MAX_NEURONS) {
        const char *what = node->kind == BL_NODE_ON_OFF ? "the split image" : "the encoded input";
        bl_diagnose(check->checker->context, SIZE_WRONG, node->place, what,
                    bl_number_text(check->checker->arena, BL_MAX_NEURONS));
        check->image_known = false;
    }
    check->shape.channels *= factor;
}

/* Tied levels: one value for all levels of an input, on and off, since their connections have one bound. */
static void check_tied(encoding_check *check, const bl_node *node, bl_encoding *out)
{
    const bl_constants *constants = &check->checker->constants;
    const bl_node *tied = bl_node_find(node, BL_NODE_TIED);
    bool known = bl_take_count(constants, node->first, BL_QUANTITY_LEVELS_TIED, &out->levels);
    out->tied = true;
    known = bl_take(constants, tied->first, BL_QUANTITY_LEVEL_STEP, &out->by) && known;
    if (!check->whitened || !check->split)
        bl_diagnose(check->checker->context, TIED_ENCODING, node->place, "");
    check_end(check, node);
    check->shape.channels = check->input->channels;
    check->image_known = check->image_known && known;
}

static void check_levels(encoding_check *check, const bl_node *node, bl_encoding *out)
{
    if (is_tied(node)) {
        check_tied(check, node, out);
        return;
    }
    bool known = bl_take_count(&check->checker->constants, node->first, BL_QUANTITY_LEVELS, &out->levels);
    multiply(check, node, known ? out->levels : 1);
    check->image_known = check->image_known && known;
}

/* Whether an encoding works on neighbouring pixels or on colours. */
static bool needs_image(bt_encoding_kind kind)
{
    return kind == BT_ENCODE_OPPONENT || kind == BT_ENCODE_NORMALISE || kind == BT_ENCODE_WHITEN;
}

static void check_encoding(encoding_check *check, const bl_node *node, bl_encoding *out)
{
    static const bt_encoding_kind KINDS[BL_NODE_KINDS] = {
        [BL_NODE_OPPONENT] = BT_ENCODE_OPPONENT, [BL_NODE_NORMALISE] = BT_ENCODE_NORMALISE,
        [BL_NODE_WHITEN] = BT_ENCODE_WHITEN,     [BL_NODE_ON_OFF] = BT_ENCODE_SPLIT,
        [BL_NODE_LEVELS] = BT_ENCODE_LEVELS,     [BL_NODE_COMPLEMENT] = BT_ENCODE_COMPLEMENT};
    *out = (bl_encoding){.kind = KINDS[node->kind], .place = node->place};
    if (!check->input->image && needs_image(out->kind)) {
        bl_diagnose(check->checker->context, ENCODING_VECTOR, node->place, check->input->series ? "series" : "vector");
        return;
    }
    switch (out->kind) {
    case BT_ENCODE_OPPONENT:
        check_opponent(check, node);
        break;
    case BT_ENCODE_NORMALISE:
        take_box(check, node->first, out);
        break;
    case BT_ENCODE_WHITEN:
        check_whiten(check, node, out);
        break;
    case BT_ENCODE_LEVELS:
        check_levels(check, node, out);
        break;
    case BT_ENCODE_SPLIT:
    case BT_ENCODE_COMPLEMENT:
        multiply(check, node, 2);
        break;
    }
    check->split = out->kind == BT_ENCODE_SPLIT;
    check->whitened = out->kind == BT_ENCODE_WHITEN || (check->whitened && check->split);
}

void bl_check_encodings(bl_checker *checker, const bl_node *block, bl_network *network)
{
    bl_input *input = &network->input;
    encoding_check check = {.checker = checker, .input = input, .image_known = network->shape_known};
    check.shape = (bt_shape){input->height, input->width, input->channels};
    bl_nodes nodes = {0};
    if (block != NULL)
        bl_check_once(checker, block);
    for (const bl_node *node = block == NULL ? NULL : block->first; node != NULL; node = node->next)
        if (node->kind != BL_NODE_BROKEN)
            bl_nodes_add(checker, &nodes, node, "encodings");
    bl_encoding *encodings = BL_ARRAY(checker->arena, bl_encoding, nodes.count);
    for (uint32_t i = 0; i < nodes.count; i++)
        check_encoding(&check, nodes.list[i], &encodings[i]);
    input->encodings = encodings;
    input->encoding_count = nodes.count;
    for (uint32_t i = 0; i < nodes.count; i++)
        input->tied = encodings[i].tied ? encodings[i].levels : input->tied;
    if (check.image_known)
        input->encoded = check.shape;
}
