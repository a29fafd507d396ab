/* Data blocks: sources, splits and raw values. Expectations, because each needs a split. */
#include <string.h>

#include "check/check.h"
#include "check/data_parts.h"

typedef struct data_check {
    bl_checker *checker;
    bl_data *data;
    bl_source *sources;
    bl_splits *splits;
    bl_table table; /* the defaults of the block */
} data_check;

static bt_split split_of(const char *word)
{
    bt_split split = BT_SPLIT_TRAIN;
    bt_split_of(word, &split); /* the grammar accepts no other word */
    return split;
}

static void mark(bl_splits *splits, bt_split split)
{
    splits->train |= split == BT_SPLIT_TRAIN;
    splits->validation |= split == BT_SPLIT_VALIDATION;
    splits->test |= split == BT_SPLIT_TEST;
}

static void add(data_check *check, bl_source source)
{
    check->sources = bl_grow(check->checker->arena, check->sources, check->data->source_count, sizeof *check->sources);
    check->sources[check->data->source_count++] = source;
    mark(check->splits, source.split);
}

/* A file name must not be empty, and no file may serve twice: samples shared by two splits inflate the accuracy. */
static const char *take_file(data_check *check, const bl_node *node, bl_nodes *files)
{
    bl_context *context = check->checker->context;
    if (node->kind != BL_NODE_STRING)
        return NULL;
    if (*node->text == '\0')
        bl_diagnose(context, FILE_NAME_EMPTY, node->place, "");
    for (uint32_t i = 0; i < files->count; i++)
        if (strcmp(files->list[i]->text, node->text) == 0) {
            bl_remark_on(bl_diagnose(context, FILE_TWICE, node->place, node->text, "use each file once"),
                         files->list[i]->place, "first given here");
            break;
        }
    bl_nodes_add(check->checker, files, node, "data files");
    return node->text;
}

static void check_files(data_check *check, const bl_node *node, bl_nodes *files)
{
    add(check, (bl_source){.format = node->kind == BL_NODE_IDX ? BT_FORMAT_IDX : BT_FORMAT_NPY,
                           .split = split_of(node->text),
                           .inputs = take_file(check, node->first, files),
                           .labels = take_file(check, node->first->next, files),
                           .place = node->place});
}

static void check_csv(data_check *check, const bl_node *node, bl_nodes *files)
{
    bl_source source = {.format = BT_FORMAT_CSV, .split = split_of(node->text), .place = node->place};
    source.inputs = take_file(check, node->first, files);
    bl_check_table(check->checker, node, &check->table, &source.table);
    if (!bl_has_labels(&source) && check->splits->unlabelled == NULL)
        check->splits->unlabelled = node;
    add(check, source);
}

/* Whether two sources of one archive read different arrays. Without a name the split chooses the array. */
static bool read_apart(const bl_source *one, const bl_source *other)
{
    if (one->member != NULL && other->member != NULL)
        return strcmp(one->member, other->member) != 0;
    return one->member != NULL || other->member != NULL || one->split != other->split;
}

/* An archive may serve several splits, each with arrays of its own. */
static void check_npz(data_check *check, const bl_node *node, bl_nodes *files)
{
    bl_checker *checker = check->checker;
    const bl_node *member = bl_node_find(node, BL_NODE_MEMBER), *label = bl_node_find(node, BL_NODE_LABEL);
    bl_source source = {.format = BT_FORMAT_NPZ, .split = split_of(node->text), .place = node->place};
    bool known = false;
    bl_check_once(checker, node);
    if (member != NULL)
        source.member = bl_take_name(checker, member->first, "the name of an array");
    if (label != NULL)
        source.labels_of = bl_take_name(checker, label->first, "the name of an array");
    for (uint32_t i = 0; i < check->data->source_count && node->first->kind == BL_NODE_STRING; i++) {
        const bl_source *other = &check->sources[i];
        if (other->format != BT_FORMAT_NPZ || other->inputs == NULL || strcmp(other->inputs, node->first->text) != 0)
            continue;
        known = true;
        if (read_apart(&source, other))
            continue;
        bl_remark_on(bl_diagnose(checker->context, FILE_TWICE, node->first->place, node->first->text,
                                 "name another array: `values \"NAME\"`"),
                     other->place, "first given here");
        break;
    }
    source.inputs = known ? node->first->text : take_file(check, node->first, files);
    add(check, source);
}

static void check_synthetic(data_check *check, const bl_node *node)
{
    const bl_node *seen[3] = {NULL};
    for (const bl_node *part = node->first; part != NULL; part = part->next) {
        double samples = 1;
        bt_split split = split_of(part->text);
        if (seen[split] != NULL)
            bl_remark_on(bl_diagnose(check->checker->context, GIVEN_TWICE, part->place, part->text), seen[split]->place,
                         "first given here");
        seen[split] = part;
        bl_take(&check->checker->constants, part->first, BL_QUANTITY_SAMPLES, &samples);
        add(check,
            (bl_source){
                .format = BT_FORMAT_SYNTHETIC, .split = split, .samples = (uint64_t)samples, .place = part->place});
    }
}

/* ---- formats with a fixed image size or number of classes ---- */

/* The last layer needs a neuron for each class. Neurons without a class can only be wrong. */
static void check_classes(data_check *check, const bl_node *node, const bl_network *network, bool digits,
                          uint32_t classes)
{
    bl_context *context = check->checker->context;
    bl_arena *arena = check->checker->arena;
    if (network->layer_count == 0)
        return;
    const bl_layer *last = &network->layers[network->layer_count - 1];
    const char *neurons = bl_number_text(arena, last->neurons);
    const char *picture = classes == 10 ? "CIFAR-10" : "CIFAR-100";
    if (last->kind != BT_LAYER_DENSE || last->neurons == 0 || last->neurons == classes)
        return;
    bl_diagnostic *told = last->neurons > classes ? bl_diagnose(context, CLASSES_MANY, node->place,
                                                                digits ? "the synthetic digits have" : "CIFAR has",
                                                                bl_number_text(arena, classes), last->name, neurons)
                          : digits ? bl_diagnose(context, DIGITS_CLASSES, node->place, last->name, neurons)
                                   : bl_diagnose(context, PICTURES_CLASSES, node->place, picture,
                                                 bl_number_text(arena, classes), last->name, neurons);
    bl_remark_on(told, last->place, "it is declared here");
}

/* Synthetic digits are grey images of 28x28 pixels in ten classes. */
static void check_synthetic_fits(data_check *check, const bl_node *node, const bl_network *network)
{
    const bl_input *input = &network->input;
    if (network->node == NULL)
        return;
    bool fits = input->image && input->height == 28 && input->width == 28 && input->channels == 1;
    if (network->shape_known && !fits)
        bl_remark_on(bl_diagnose(check->checker->context, DIGITS_SHAPE, node->place, ""), input->place,
                     "the input is declared here");
    check_classes(check, node, network, true, 10);
}

/* CIFAR images have 32x32 pixels and three channels. Images of a folder are scaled to the input, which must be an
 * image. */
static void check_pictures_fit(data_check *check, const bl_node *node, const bl_network *network)
{
    const bl_input *input = &network->input;
    bl_context *context = check->checker->context;
    bool folder = node->kind == BL_NODE_IMAGES;
    if (network->node == NULL)
        return;
    bool fits = input->image && (folder || (input->height == 32 && input->width == 32 && input->channels == 3));
    if (network->shape_known && !fits)
        bl_remark_on(bl_diagnose(context, PICTURES_SHAPE, node->place, folder ? "these files" : "CIFAR pictures",
                                 folder ? "pictures" : "32x32 in three colours",
                                 folder ? "image(64x64, rgb)" : "image(32x32, rgb)"),
                     input->place, "the input is declared here");
    if (!folder)
        check_classes(check, node, network, false, node->kind == BL_NODE_CIFAR10 ? 10 : 100);
}

/* Each file, or the folder, becomes one source. */
static void check_pictures(data_check *check, const bl_node *node, const bl_network *network, bl_nodes *files)
{
    bt_format format = node->kind == BL_NODE_CIFAR10    ? BT_FORMAT_CIFAR10
                       : node->kind == BL_NODE_CIFAR100 ? BT_FORMAT_CIFAR100
                                                        : BT_FORMAT_FOLDER;
    for (const bl_node *file = node->first; file != NULL; file = file->next)
        add(check, (bl_source){.format = format,
                               .split = split_of(node->text),
                               .inputs = take_file(check, file, files),
                               .place = file->place});
    check_pictures_fit(check, node, network);
}

/* Each pixel of the picture is one sample without a label. */
static void check_pixels(data_check *check, const bl_node *node, const bl_network *network, bl_nodes *files)
{
    const bl_input *input = &network->input;
    bool fits = input->image && input->height == 1 && input->width == 1 && input->channels == 3;
    add(check, (bl_source){.format = BT_FORMAT_PIXELS,
                           .split = split_of(node->text),
                           .inputs = take_file(check, node->first, files),
                           .place = node->place});
    if (check->splits->unlabelled == NULL)
        check->splits->unlabelled = node;
    if (network->node != NULL && network->shape_known && !fits)
        bl_remark_on(bl_diagnose(check->checker->context, PICTURES_SHAPE, node->place, "pixels",
                                 "images of 1x1 in three colours", "image(1x1, rgb)"),
                     input->place, "the input is declared here");
}

/* Either all sources have labels or none. Reports the first source that differs from source 0. */
static void check_mixed(const data_check *check)
{
    const bl_data *data = check->data;
    for (uint32_t i = 1; i < data->source_count; i++)
        if (bl_has_labels(&check->sources[i]) != bl_has_labels(&check->sources[0])) {
            bl_remark_on(bl_diagnose(check->checker->context, LABELS_MIXED, check->sources[i].place, data->name),
                         check->sources[0].place, "a source of the other kind is here");
            return;
        }
}

/* ---- hold out, and the whole block ---- */

/* A share of train becomes another split, which has no source of its own. `there` is set to whether it exists. */
static void check_hold_out(data_check *check, const bl_node *hold_out, bool *there, double *share)
{
    bl_context *context = check->checker->context;
    bool test = hold_out->kind == BL_NODE_HOLD_OUT_TEST;
    if (!check->splits->train && !check->splits->unknown)
        bl_diagnose(context, HOLD_OUT_NOTHING, hold_out->place, test ? "test" : "validation");
    if (*there)
        bl_diagnose(context, HOLD_OUT_TWICE, hold_out->place, test ? "test" : "validation");
    bl_check_labels(check->checker, check->splits, hold_out->place, test ? "test" : "validate", "remove `hold out`");
    *there = true;
    bl_take(&check->checker->constants, hold_out->first, BL_QUANTITY_HOLD_OUT, share);
}

static void check_hold_outs(data_check *check, const bl_node *block)
{
    const bl_node *validation = bl_node_find(block, BL_NODE_HOLD_OUT);
    const bl_node *test = bl_node_find(block, BL_NODE_HOLD_OUT_TEST);
    if (validation != NULL)
        check_hold_out(check, validation, &check->splits->validation, &check->data->hold_out);
    if (test != NULL)
        check_hold_out(check, test, &check->splits->test, &check->data->hold_out_test);
    if (validation != NULL && test != NULL)
        bl_check_shares(check->checker, validation->place.offset > test->place.offset ? validation : test, check->data);
}

static void check_source(data_check *check, const bl_node *node, const bl_network *network, bl_nodes *files)
{
    switch (node->kind) {
    case BL_NODE_IDX:
    case BL_NODE_NPY:
        check_files(check, node, files);
        break;
    case BL_NODE_CSV:
        check_csv(check, node, files);
        break;
    case BL_NODE_NPZ:
        check_npz(check, node, files);
        break;
    case BL_NODE_SYNTHETIC:
        check_synthetic(check, node);
        check_synthetic_fits(check, node, network);
        break;
    case BL_NODE_CIFAR10:
    case BL_NODE_CIFAR100:
    case BL_NODE_IMAGES:
        check_pictures(check, node, network, files);
        break;
    case BL_NODE_PIXELS:
        check_pixels(check, node, network, files);
        break;
    case BL_NODE_BROKEN:
        check->splits->unknown = true;
        break;
    default: /* statements about all sources: read after them */
        break;
    }
}

const bl_data *bl_check_data(bl_checker *checker, const bl_network *network, bl_splits *splits)
{
    *splits = (bl_splits){.unknown = checker->incomplete};
    if (checker->data.count == 0)
        return NULL;
    const bl_node *node = checker->data.list[0], *block = node->first;
    bl_data *data = BL_NEW(checker->arena, bl_data);
    *data = (bl_data){.name = node->text, .place = node->place};
    data_check check = {.checker = checker, .data = data, .splits = splits};
    bl_nodes files = {0};
    bl_check_once(checker, block);
    bl_check_table_defaults(checker, block, &check.table);
    for (const bl_node *source = block->first; source != NULL; source = source->next)
        check_source(&check, source, network, &files);
    if (!splits->train && !splits->validation && !splits->test && !splits->unknown)
        bl_diagnose(checker->context, DATA_EMPTY, node->name_place, node->text);
    check_mixed(&check);
    check_hold_outs(&check, block);
    bl_check_prepare(checker, network, block, data);
    data->sources = check.sources;
    return data;
}

void bl_check_expects(bl_checker *checker, const bl_network *network, const bl_splits *splits, bl_program *program)
{
    uint32_t count = checker->expects.count;
    bl_expect *expects = BL_ARRAY(checker->arena, bl_expect, count);
    for (uint32_t i = 0; i < count; i++) {
        const bl_node *node = checker->expects.list[i];
        bt_split split = split_of(node->text);
        bool there = split == BT_SPLIT_TRAIN  ? splits->train
                     : split == BT_SPLIT_TEST ? splits->test
                                              : splits->validation;
        expects[i] = (bl_expect){.on = split, .place = node->place};
        bl_take(&checker->constants, node->first, BL_QUANTITY_ACCURACY, &expects[i].least);
        bl_check_labels(checker, splits, node->place, "score",
                        "remove the expectation; `bouton redraw` measures a palette");
        if (!there && !splits->unknown && splits->unlabelled == NULL)
            bl_diagnose(checker->context, SPLIT_MISSING, node->name_place, node->text);
    }
    if (count > 0 && splits->unlabelled == NULL)
        bl_check_answer(checker, network);
    program->expects = expects;
    program->expect_count = count;
}
