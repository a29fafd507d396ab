#include "tree/node.h"

#include <string.h>

typedef struct node_kind {
    const char *template, *once;
} node_kind;

static const node_kind KINDS[BL_NODE_KINDS] = {
#define NODE(kind, template, once) {template, once},
#include "tree/node.def"
#undef NODE
};

static void append(bl_node *parent, bl_node *child)
{
    if (parent->first == NULL)
        parent->first = child;
    else
        parent->last->next = child;
    parent->last = child;
    if (parent->depth <= child->depth)
        parent->depth = child->depth + 1;
}

void bl_node_add(bl_node *parent, bl_node *child)
{
    if (child == NULL)
        return;
    if (child->kind != BL_NODE_LIST) {
        append(parent, child);
        return;
    }
    for (bl_node *item = child->first, *next; item != NULL; item = next) {
        next = item->next;
        item->next = NULL;
        append(parent, item);
    }
}

bl_node *bl_node_new(bl_arena *arena, bl_kind kind, bl_place place, const char *text, bl_node *const *children,
                     size_t count)
{
    bl_node *node = BL_NEW(arena, bl_node);
    *node = (bl_node){.kind = kind, .place = place, .name_place = place, .text = text, .file = UINT32_MAX, .depth = 1};
    for (size_t i = 0; i < count; i++)
        bl_node_add(node, children[i]);
    return node;
}

const bl_node *bl_node_find(const bl_node *parent, bl_kind kind)
{
    for (const bl_node *child = parent->first; child != NULL; child = child->next)
        if (child->kind == kind)
            return child;
    return NULL;
}

uint32_t bl_node_count(const bl_node *parent)
{
    uint32_t count = 0;
    for (const bl_node *child = parent->first; child != NULL; child = child->next)
        count++;
    return count;
}

const char *bl_node_once(bl_kind kind)
{
    return KINDS[kind].once;
}

/* ---- printing: templates of node.def ---- */

static void print(const bl_node *node, bl_text *out, unsigned indent);

static void print_children(const bl_node *node, bl_text *out, unsigned indent, const char *between)
{
    for (const bl_node *child = node->first; child != NULL; child = child->next) {
        print(child, out, indent);
        if (child->next != NULL)
            bl_text_add(out, between);
    }
}

static void print_lines(const bl_node *node, bl_text *out, unsigned indent)
{
    for (const bl_node *child = node->first; child != NULL; child = child->next) {
        if (child->kind == BL_NODE_BROKEN)
            continue;
        if (child->kind == BL_NODE_INCLUDE) { /* its statements are printed in its place */
            print_lines(child, out, indent);
            continue;
        }
        bool block = child->last != NULL && child->last->kind == BL_NODE_BLOCK;
        if (indent == 0 && out->length > 1 && (block || out->data[out->length - 2] == '}'))
            bl_text_add(out, "\n"); /* an empty line separates top-level blocks */
        bl_text_format(out, "%*s", (int)(2 * indent), "");
        print(child, out, indent);
        bl_text_add(out, "\n");
    }
}

static void print_child(const bl_node *node, bl_text *out, unsigned indent, unsigned index)
{
    const bl_node *child = node->first;
    while (child != NULL && index-- > 0)
        child = child->next;
    if (child != NULL)
        print(child, out, indent);
}

static void print_hole(char hole, const bl_node *node, bl_text *out, unsigned indent)
{
    bool ends_in_block = node->last != NULL && node->last->kind == BL_NODE_BLOCK;
    switch (hole) {
    case 'n':
        bl_text_add(out, node->text);
        break;
    case 'q':
        bl_text_quoted(out, node->text);
        break;
    case 'L':
        print_lines(node, out, node->kind == BL_NODE_BLOCK ? indent + 1 : indent);
        if (node->kind == BL_NODE_BLOCK)
            bl_text_format(out, "%*s", (int)(2 * indent), "");
        break;
    case 'p':
        if (node->first == NULL)
            break;
        bl_text_add(out, "(");
        print_children(node, out, indent, ", ");
        bl_text_add(out, ")");
        break;
    case ';':
        bl_text_add(out, ends_in_block ? "" : ";");
        break;
    case '*':
        print_children(node, out, indent, "");
        break;
    case ',':
        print_children(node, out, indent, ", ");
        break;
    default:
        print_child(node, out, indent, (unsigned)(hole - '0'));
    }
}

static void print(const bl_node *node, bl_text *out, unsigned indent)
{
    for (const char *at = KINDS[node->kind].template; *at != '\0'; at++) {
        if (*at != '%')
            bl_text_add_bytes(out, at, 1);
        else
            print_hole(*++at, node, out, indent);
    }
}

void bl_node_print(const bl_node *node, bl_text *out)
{
    print(node, out, 0);
}
