/* Evaluates constants and expressions. The table quantity.def has the range of every number. */
#ifndef BL_VALUE_H
#define BL_VALUE_H

#include "report/context.h"

typedef enum bl_quantity {
#define QUANTITY(id, what, kind, least, most, ends, fallback) BL_QUANTITY_##id,
#include "check/quantity.def"
#undef QUANTITY
    BL_QUANTITIES
} bl_quantity;

typedef struct bl_constant { /* a top-level `let` */
    const bl_node *let;
    double value;
    bool percent; /* written as a percentage */
    bool broken;  /* its value is unknown, and reported */
    bool ready;   /* evaluated; an expression may use only constants above it */
} bl_constant;

typedef struct bl_constants {
    bl_context *context;
    bl_constant *list;
    uint32_t count;
    bool incomplete; /* part of the text was not parsed, so a missing name may be there */
} bl_constants;

/* Adds a `let`. Reports a name that is declared twice. */
void bl_constants_declare(bl_constants *constants, const bl_node *let);
void bl_constants_evaluate(bl_constants *constants);

/* The constant called `name`, or NULL. */
const bl_constant *bl_constants_find(const bl_constants *constants, const char *name);

/* Evaluates the expression at a node. False, with a diagnostic: it has no value. */
bool bl_take_number(const bl_constants *constants, const bl_node *node, double *out);

/* Evaluates the expression at a node, and checks the range of its quantity. False, with a diagnostic: it is wrong. */
bool bl_take(const bl_constants *constants, const bl_node *node, bl_quantity quantity, double *out);
bool bl_take_count(const bl_constants *constants, const bl_node *node, bl_quantity quantity, uint32_t *out);
bool bl_is_percent(const bl_constants *constants, const bl_node *node);

/* The sides of a size such as 28x28x3. Returns their number, 2 or 3. 0, with a diagnostic: a side is 0 or too large. */
unsigned bl_take_size(const bl_constants *constants, const bl_node *size, uint32_t out[3]);

/* A size with two sides: a window, a grid, a patch. */
bool bl_take_window(const bl_constants *constants, const bl_node *size, uint32_t out[2]);

double bl_default(bl_quantity quantity);

/* Sets the name, the range and the default of a quantity, for a tool. */
void bl_quantity_view(bl_arena *arena, bl_quantity quantity, bl_quantity_facts *out);

#endif
