/* Evaluates constants and expressions. The table quantity.def gives the range of every number of the language. */
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
    bool broken;  /* its value is unknown, which has been reported */
    bool ready;   /* evaluated: expressions may use only the constants above */
} bl_constant;

typedef struct bl_constants {
    bl_context *context;
    bl_constant *list;
    uint32_t count;
    bool incomplete; /* part of the text could not be read, so missing names are not reported */
} bl_constants;

/* Adds a `let`. Reports a name that is already taken. */
void bl_constants_declare(bl_constants *constants, const bl_node *let);
void bl_constants_evaluate(bl_constants *constants);

/* The `let` called NAME, or NULL. */
const bl_constant *bl_constants_find(const bl_constants *constants, const char *name);

/* The number at a node, without a check of its range. Reports an error and returns false if there is none. */
bool bl_take_number(const bl_constants *constants, const bl_node *node, double *out);

/* The number at a node, in the range of its quantity. Reports an error and returns false if it is wrong. */
bool bl_take(const bl_constants *constants, const bl_node *node, bl_quantity quantity, double *out);
bool bl_take_count(const bl_constants *constants, const bl_node *node, bl_quantity quantity, uint32_t *out);
bool bl_is_percent(const bl_constants *constants, const bl_node *node);

/* The numbers of a size such as 28x28x3. Returns how many there are (2 or 3), or reports an error and returns 0 if one
 * is 0 or too large. */
unsigned bl_take_size(const bl_constants *constants, const bl_node *size, uint32_t out[3]);

/* A size of two sides: a window, a grid, a patch. */
bool bl_take_window(const bl_constants *constants, const bl_node *size, uint32_t out[2]);

double bl_default(bl_quantity quantity);

#endif
