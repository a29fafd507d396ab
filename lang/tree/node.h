/* The syntax tree. All nodes share one struct; node.def lists their kinds. Nodes live in the arena. */
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
    bl_place name_place; /* of the name that the statement declares, if it declares one */
    const char *text;    /* a name, a word, a number as written, or a string; may be NULL */
    uint32_t file;       /* INCLUDE: the file that was read; UINT32_MAX: none */
    uint32_t depth;      /* levels of the subtree, 1 for a leaf */
    bl_node *first, *last, *next;
};

/* The parser refuses deeper trees, so that functions may walk a tree by recursion. */
#define BL_MAX_DEPTH 200u

/* A node with its children in order. NULL children are skipped; a LIST is replaced by its own children. */
bl_node *bl_node_new(bl_arena *arena, bl_kind kind, bl_place place, const char *text, bl_node *const *children,
                     size_t count);
void bl_node_add(bl_node *parent, bl_node *child);

const bl_node *bl_node_find(const bl_node *parent, bl_kind kind); /* the first such child, or NULL */
uint32_t bl_node_count(const bl_node *parent);
const char *bl_node_once(bl_kind kind); /* the column `once` of node.def */

/* Adds the canonical text of a tree to `out`. */
void bl_node_print(const bl_node *node, bl_text *out);

#endif
