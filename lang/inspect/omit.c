/* What a text leaves out. The program is printed with every default written out and parsed again. Then each layer and
 * phase of that tree is compared with the one that the author wrote: what only the printed one has was left out.
 *
 *     signs mixed;          signs mixed(0.5) switching at tau 0.5;      "(0.5)" and " switching at tau 0.5" */
#include <string.h>

#include "parse/parse.h"
#include "print/model_text.h"
#include "report/context.h"

typedef struct omitting {
    bl_context *context;
    bl_place name; /* of the layer or phase at hand */
    bl_omission *list;
    uint32_t count;
} omitting;

/* Kinds that exclude each other: a statement has one of them. */
static bl_kind slot_of(bl_kind kind)
{
    switch (kind) {
    case BL_NODE_EXCITATORY:
    case BL_NODE_INHIBITORY:
        return BL_NODE_MIXED;
    case BL_NODE_FIXED:
        return BL_NODE_SWITCHING;
    case BL_NODE_CONSTANT:
    case BL_NODE_DISTINCT:
    case BL_NODE_FROM_PATCHES:
        return BL_NODE_UNIFORM;
    case BL_NODE_SHARED:
    case BL_NODE_RAW:
        return BL_NODE_SCALED;
    case BL_NODE_HINGE:
        return BL_NODE_SOFTMAX;
    case BL_NODE_BY_LAYER:
        return BL_NODE_MIXED_ERRORS;
    default:
        return kind;
    }
}

static bool is_value(bl_kind kind)
{
    return (kind >= BL_NODE_NUMBER && kind <= BL_NODE_INTERVAL) || kind == BL_NODE_NAMES || kind == BL_NODE_BROKEN;
}

/* The child of `written` that stands for `full`, a child of its counterpart `parent`: the same one of its slot. */
static const bl_node *counterpart(const bl_node *written, const bl_node *parent, const bl_node *full)
{
    uint32_t before = 0;
    for (const bl_node *other = parent->first; other != full; other = other->next)
        before += slot_of(other->kind) == slot_of(full->kind);
    for (const bl_node *node = written->first; node != NULL; node = node->next)
        if (slot_of(node->kind) == slot_of(full->kind) && before-- == 0)
            return node;
    return NULL;
}

static uint32_t end_of(bl_place place)
{
    return place.offset + place.length;
}

/* The place behind all parts of a statement: before its `;`. */
static bl_place behind(const omitting *o, const bl_node *written)
{
    const bl_file *file = bl_context_file(o->context, written->place.file);
    uint32_t end = end_of(written->place);
    bool closed = written->place.length > 0 && file->text[end - 1] == ';';
    return (bl_place){written->place.file, end - closed, 0};
}

static void add(omitting *o, bl_place place, const char *text, bool statement)
{
    o->list = bl_grow(&o->context->arena, o->list, o->count, sizeof *o->list);
    o->list[o->count++] = (bl_omission){.place = place, .name = o->name, .text = text, .statement = statement};
}

static const char *text_of(const omitting *o, const bl_node *node)
{
    bl_text text = bl_text_new(&o->context->arena);
    bl_node_print(node, &text);
    return text.data;
}

/* A part stands before the next part that is written, or else behind all of them. */
static void add_part(omitting *o, const bl_node *written, const bl_node *parent, const bl_node *full)
{
    const bl_node *next = NULL;
    for (const bl_node *later = full->next; later != NULL && next == NULL; later = later->next)
        next = is_value(later->kind) ? NULL : counterpart(written, parent, later);
    if (next == NULL || next->kind == BL_NODE_BLOCK) {
        add(o, behind(o, written), text_of(o, full), false);
        return;
    }
    bl_text text = bl_text_new(&o->context->arena);
    bl_node_print(full, &text);
    bl_text_add(&text, " ");
    add(o, (bl_place){next->place.file, next->place.offset, 0}, text.data + (*text.data == ' '), false);
}

static bool has_values(const bl_node *node)
{
    for (const bl_node *child = node->first; child != NULL; child = child->next)
        if (is_value(child->kind))
            return true;
    return false;
}

/* Arguments in parentheses: `(0.5)`. */
static void add_arguments(omitting *o, const bl_node *written, const bl_node *full)
{
    bl_text text = bl_text_new(&o->context->arena);
    bl_text_add(&text, "(");
    for (const bl_node *child = full->first; child != NULL; child = child->next)
        if (is_value(child->kind))
            bl_text_format(&text, "%s%s", text.length > 1 ? ", " : "", text_of(o, child));
    bl_text_add(&text, ")");
    add(o, behind(o, written), text.data, false);
}

/* Both nodes are of one kind. Recursion is bounded by the depth of the printed text. */
static void compare(omitting *o, const bl_node *written, const bl_node *full)
{
    if (has_values(full) && !has_values(written))
        add_arguments(o, written, full);
    for (const bl_node *part = full->first; part != NULL; part = part->next) {
        if (is_value(part->kind))
            continue;
        const bl_node *same = counterpart(written, full, part);
        if (same == NULL)
            add_part(o, written, full, part);
        else if (same->kind == part->kind)
            compare(o, same, part);
    }
}

static bool is_course(const bl_node *node)
{
    return node->kind == BL_NODE_RATE_DECAY || node->kind == BL_NODE_RATE_COURSE ||
           (node->kind == BL_NODE_RATE && bl_node_find(node, BL_NODE_COURSE) != NULL);
}

/* The rates are as written; only the course may be left out. */
static void compare_eta(omitting *o, const bl_node *written, const bl_node *full)
{
    for (const bl_node *item = written->first; item != NULL; item = item->next)
        if (is_course(item))
            return;
    for (const bl_node *item = full->first; item != NULL; item = item->next) {
        if (!is_course(item))
            continue;
        bl_text text = bl_text_new(&o->context->arena);
        bl_text_format(&text, ", %s", text_of(o, item));
        add(o, behind(o, written), text.data, false);
    }
}

/* The same of the shares that pruning leaves, and of the part of the phase over which it does. */
static void compare_prune(omitting *o, const bl_node *written, const bl_node *full)
{
    if (bl_node_find(written, BL_NODE_OVER) == NULL)
        add(o, behind(o, written), text_of(o, bl_node_find(full, BL_NODE_OVER)), false);
}

static void drop(bl_node *parent, bl_kind kind)
{
    bl_node *last = NULL;
    for (bl_node *child = parent->first, *next; child != NULL; child = next) {
        next = child->next;
        if (child->kind != kind) {
            last = child;
            continue;
        }
        if (last == NULL)
            parent->first = next;
        else
            last->next = next;
    }
    parent->last = last;
}

/* Two settings may be statements of their own or parts of another: those that are written need not be so twice. */
static void leave_out_alternatives(const bl_node *written, bl_node *full)
{
    for (bl_node *statement = full->first; statement != NULL; statement = statement->next) {
        if (statement->kind == BL_NODE_NEURON_ALPHA && bl_node_find(written, BL_NODE_LEARN) != NULL)
            drop(statement, BL_NODE_LEARNED);
        if (statement->kind == BL_NODE_ETA && bl_node_find(written, BL_NODE_DECAY) != NULL)
            drop(statement, BL_NODE_RATE_DECAY);
    }
}

/* `place`: where statements are added. */
static void compare_blocks(omitting *o, const bl_node *written, bl_node *full, bl_place place)
{
    leave_out_alternatives(written, full);
    for (const bl_node *statement = full->first; statement != NULL; statement = statement->next) {
        const bl_node *same = counterpart(written, full, statement);
        if (same == NULL)
            add(o, place, text_of(o, statement), true);
        else if (same->kind == BL_NODE_ETA)
            compare_eta(o, same, statement);
        else if (same->kind == BL_NODE_PRUNE)
            compare_prune(o, same, statement);
        else if (same->kind == statement->kind && same->kind != BL_NODE_ANNEAL)
            compare(o, same, statement);
    }
}

/* The place before the `}` of a block, or before the `;` of a layer without one. */
static bl_place inside(const bl_node *block, const bl_node *written)
{
    const bl_node *node = block == NULL ? written : block;
    return (bl_place){node->place.file, end_of(node->place) - 1, 0};
}

static void compare_layers(omitting *o, const bl_node *written, const bl_node *full)
{
    static const bl_node EMPTY = {.kind = BL_NODE_BLOCK};
    const bl_node *block = bl_node_find(written, BL_NODE_BLOCK), *last = NULL;
    bl_node *full_block = (bl_node *)bl_node_find(full, BL_NODE_BLOCK);
    o->name = written->name_place;
    for (const bl_node *part = written->first; part != NULL && part->kind != BL_NODE_BLOCK; part = part->next)
        last = part;
    if (last == NULL || last->kind == BL_NODE_BROKEN)
        return;
    for (const bl_node *part = full->first->next; part != NULL; part = part->next)
        if (part->kind != BL_NODE_BLOCK && counterpart(written, full, part) == NULL)
            add(o, (bl_place){last->place.file, end_of(last->place), 0}, text_of(o, part), false);
    if (full_block != NULL)
        compare_blocks(o, block == NULL ? &EMPTY : block, full_block, inside(block, written));
}

static void compare_phases(omitting *o, const bl_node *written, const bl_node *full)
{
    const bl_node *block = bl_node_find(written, BL_NODE_BLOCK);
    o->name = written->name_place;
    compare_blocks(o, block, (bl_node *)bl_node_find(full, BL_NODE_BLOCK), inside(block, written));
}

/* The last block of a kind and name. An included file's statements are those of the include. */
static const bl_node *find_last(const bl_node *items, bl_kind kind, const char *name)
{
    const bl_node *found = NULL;
    for (const bl_node *item = items->first; item != NULL; item = item->next) {
        const bl_node *inner = item->kind == BL_NODE_INCLUDE ? find_last(item, kind, name) : NULL;
        if (inner != NULL)
            found = inner;
        if (item->kind == kind && (name == NULL || strcmp(item->text, name) == 0))
            found = item;
    }
    return found;
}

/* Compares the statements of one kind, which both blocks have in the same order. */
static void compare_all(omitting *o, const bl_node *written, const bl_node *full, bl_kind kind)
{
    const bl_node *other = full == NULL ? NULL : bl_node_find(full, BL_NODE_BLOCK)->first;
    const bl_node *first = written == NULL ? NULL : bl_node_find(written, BL_NODE_BLOCK)->first;
    for (const bl_node *node = first; node != NULL; node = node->next) {
        if (node->kind != kind)
            continue;
        while (other != NULL && (other->kind != kind || strcmp(other->text, node->text) != 0))
            other = other->next;
        if (other == NULL)
            return;
        if (kind == BL_NODE_LAYER)
            compare_layers(o, node, other);
        else
            compare_phases(o, node, other);
        other = other->next;
    }
}

/* Sorts by insertion: the list is nearly in order, and what stands at one place keeps its order. */
static void sort(bl_omission *list, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        bl_omission moved = list[i];
        uint32_t at = i;
        for (; at > 0 && list[at - 1].place.file == moved.place.file && list[at - 1].place.offset > moved.place.offset;
             at--)
            list[at] = list[at - 1];
        list[at] = moved;
    }
}

typedef struct omission_request {
    const bl_program *program;
    bl_omissions *out;
} omission_request;

static int list_omissions(bl_context *context, void *argument)
{
    const omission_request *request = argument;
    omitting o = {.context = context};
    bl_text text = bl_program_text(&context->arena, request->program);
    bl_parsing *parsing = BL_NEW(&context->arena, bl_parsing);
    bl_parse_text(parsing, context, bl_context_add_file(context, "", text.data, text.length));
    compare_all(&o, find_last(context->root, BL_NODE_NETWORK, request->program->name),
                find_last(parsing->items, BL_NODE_NETWORK, NULL), BL_NODE_LAYER);
    compare_all(&o, find_last(context->root, BL_NODE_SCHEDULE, NULL), find_last(parsing->items, BL_NODE_SCHEDULE, NULL),
                BL_NODE_PHASE);
    sort(o.list, o.count);
    *request->out = (bl_omissions){o.count, o.list};
    return 0;
}

int bl_list_omissions(bl_context *context, const bl_program *program, bl_omissions *out)
{
    omission_request request = {program, out};
    *out = (bl_omissions){0};
    return bl_guard(context, list_omissions, &request);
}
