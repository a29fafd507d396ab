/* Encodings: the steps that prepare a raw sample for the first layer, in order, and the resulting shape. */
#include "check/check.h"

typedef struct encoding_check {
    bl_checker *checker;
    const bl_input *input;
    bool image_known; /* height and width are known */
    bt_shape shape;   /* after the steps so far; channels are 0 if unknown */
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
    known = take_box(check, node->last, out) && known;
    uint64_t dimensions = (uint64_t)out->height * out->width * check->input->channels;
    out->patches = (uint64_t)patches;
    if (known && check->image_known && out->patches < dimensions)
        bl_diagnose(check->checker->context, WHITEN_FEW, node->first->place, bl_number_text(arena, patches),
                    bl_number_text(arena, (double)dimensions));
}

/* An encoding that makes several values of one must be the last. One exception: `complement` may follow `levels`. */
static void check_end(const encoding_check *check, const bl_node *node)
{
    bool levels = node->kind == BL_NODE_LEVELS;
    for (const bl_node *after = node->next; after != NULL; after = after->next)
        if (after->kind != BL_NODE_BROKEN && after->kind != node->kind &&
            !(levels && after->kind == BL_NODE_COMPLEMENT)) {
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

static void check_levels(encoding_check *check, const bl_node *node, bl_encoding *out)
{
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
    if (check.image_known)
        input->encoded = check.shape;
}
