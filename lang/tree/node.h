/* The syntax tree: one kind of node for everything, as the table node.def names them. It lives in the arena. */
#ifndef BL_NODE_H
#define BL_NODE_H

#include "base/arena.h"
#include "base/text.h"
#include "bouton/lang.h"

typedef enum bl_kind {
#define NODE(kind, template, once) BL_NODE_##kind,
#include "tree/node.def"
#undef NODE
    BL_NODE_KINDS
} bl_kind;

typedef struct bl_node bl_node;
struct bl_node {
    bl_kind kind;
    bl_place place;
    bl_place name_place; /* of the text, where it is a name that the statement declares */
    const char *text;    /* name, word, number as written, string; or NULL */
    uint32_t depth;      /* of the tree below, 1 for a leaf */
    bl_node *first, *last, *next;
};

/* A tree deeper than this is refused: everything that walks it may then recurse. */
#define BL_MAX_DEPTH 200u

/* A node with its children in order; a NULL child is left out, a LIST gives its own children. */
bl_node *bl_node_new(bl_arena *arena, bl_kind kind, bl_place place, const char *text, bl_node *const *children,
                     size_t count);
void bl_node_add(bl_node *parent, bl_node *child);

const bl_node *bl_node_find(const bl_node *parent, bl_kind kind); /* the first such child, or NULL */
uint32_t bl_node_count(const bl_node *parent);
const char *bl_node_once(bl_kind kind); /* table column `once` */

/* Canonical text of a tree. */
void bl_node_print(const bl_node *node, bl_text *out);

#endif
