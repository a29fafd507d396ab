#include "check/value.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

typedef enum number_kind { COUNT, REAL, SHARE } number_kind;
typedef enum range_ends { CLOSED, OPEN, ABOVE, BELOW } range_ends;

typedef struct quantity {
    const char *what;
    number_kind kind;
    double least, most;
    range_ends ends;
    double fallback;
} quantity;

static const quantity QUANTITIES[BL_QUANTITIES] = {
#define QUANTITY(id, what, kind, least, most, ends, fallback) {what, kind, least, most, ends, fallback},
#include "check/quantity.def"
#undef QUANTITY
};

double bl_default(bl_quantity quantity)
{
    return QUANTITIES[quantity].fallback;
}

/* ---- expressions ---- */

typedef struct value {
    double number;
    bool percent;
} value;

static bool evaluate(const bl_constants *constants, const bl_node *node, value *out);

/* The value of a literal, which may contain underscores. */
static bool literal(const bl_constants *constants, const bl_node *node, value *out)
{
    char *digits = bl_copy_text(&constants->context->arena, node->text, strlen(node->text)), *end = digits;
    for (const char *at = node->text; *at != '\0'; at++)
        if (*at != '_')
            *end++ = *at;
    out->percent = end > digits && end[-1] == '%';
    *end = '\0';
    out->number = strtod(digits, NULL);
    if (out->percent)
        out->number /= 100;
    if (isfinite(out->number))
        return true;
    bl_diagnose(constants->context, NUMBER_LARGE, node->place, node->text);
    return false;
}

static void report_unknown(const bl_constants *constants, const bl_node *node)
{
    bl_context *context = constants->context;
    uint32_t count = 0;
    const char **names = BL_ARRAY(&context->arena, const char *, constants->count + 1);
    for (uint32_t i = 0; i < constants->count; i++)
        if (constants->list[i].ready)
            names[count++] = constants->list[i].let->text;
    if (!constants->incomplete)
        bl_diagnose(context, CONSTANT_UNKNOWN, node->place, node->text, bl_nearest(node->text, names, count));
}

const bl_constant *bl_constants_find(const bl_constants *constants, const char *name)
{
    for (uint32_t i = 0; i < constants->count; i++)
        if (strcmp(constants->list[i].let->text, name) == 0)
            return &constants->list[i];
    return NULL;
}

static bool named_constant(const bl_constants *constants, const bl_node *node, value *out)
{
    const bl_constant *constant = bl_constants_find(constants, node->text);
    if (constant == NULL) {
        report_unknown(constants, node);
        return false;
    }
    if (!constant->ready)
        bl_remark_on(bl_diagnose(constants->context, CONSTANT_EARLY, node->place, node->text),
                     constant->let->name_place, "it is declared here");
    *out = (value){constant->value, constant->percent};
    return constant->ready && !constant->broken;
}

/* A sum with a percentage is a percentage (10% + 5%). A product or a quotient is a plain number (10% * 200). */
static bool binary(const bl_constants *constants, const bl_node *node, value *out)
{
    value left, right;
    bool fine = evaluate(constants, node->first, &left);
    if (!evaluate(constants, node->first->next, &right) || !fine)
        return false;
    bool sum = node->kind == BL_NODE_ADD || node->kind == BL_NODE_SUBTRACT;
    out->percent = sum && (left.percent || right.percent);
    if (node->kind == BL_NODE_DIVIDE && right.number == 0) {
        bl_diagnose(constants->context, DIVIDED_BY_ZERO, node->first->next->place, "");
        return false;
    }
    out->number = node->kind == BL_NODE_ADD        ? left.number + right.number
                  : node->kind == BL_NODE_SUBTRACT ? left.number - right.number
                  : node->kind == BL_NODE_MULTIPLY ? left.number * right.number
                                                   : left.number / right.number;
    if (isfinite(out->number))
        return true;
    bl_diagnose(constants->context, NUMBER_LARGE, node->place, "the result");
    return false;
}

/* Recursion is bounded: a tree is at most BL_MAX_DEPTH deep. */
static bool evaluate(const bl_constants *constants, const bl_node *node, value *out)
{
    *out = (value){0};
    switch (node->kind) {
    case BL_NODE_NUMBER:
        return literal(constants, node, out);
    case BL_NODE_NAME:
        return named_constant(constants, node, out);
    case BL_NODE_GROUP:
        return evaluate(constants, node->first, out);
    case BL_NODE_NEGATE:
        if (!evaluate(constants, node->first, out))
            return false;
        out->number = -out->number;
        return true;
    case BL_NODE_ADD:
    case BL_NODE_SUBTRACT:
    case BL_NODE_MULTIPLY:
    case BL_NODE_DIVIDE:
        return binary(constants, node, out);
    case BL_NODE_CALL:
        bl_diagnose(constants->context, CALL_IN_CONSTANT, node->place, node->text);
        return false;
    default: /* BROKEN: the parser reported it */
        return false;
    }
}

void bl_constants_declare(bl_constants *constants, const bl_node *let)
{
    for (uint32_t i = 0; i < constants->count; i++) {
        const bl_node *first = constants->list[i].let;
        if (strcmp(first->text, let->text) != 0)
            continue;
        bl_remark_on(bl_diagnose(constants->context, NAME_TAKEN, let->name_place, "constant", let->text),
                     first->name_place, "first declared here");
        return;
    }
    constants->list = bl_grow(&constants->context->arena, constants->list, constants->count, sizeof *constants->list);
    constants->list[constants->count++] = (bl_constant){.let = let};
}

/* Keeps a number for bl_number_at. */
static void record(bl_context *context, bl_place place, uint32_t quantity, double number)
{
    context->numbers = bl_grow(&context->arena, context->numbers, context->number_count, sizeof *context->numbers);
    context->numbers[context->number_count++] = (bl_checked_number){place, number, quantity};
}

void bl_constants_evaluate(bl_constants *constants)
{
    for (uint32_t i = 0; i < constants->count; i++) {
        bl_constant *constant = &constants->list[i];
        value value;
        constant->broken = !evaluate(constants, constant->let->first, &value);
        constant->value = value.number;
        constant->percent = value.percent;
        constant->ready = true;
        if (!constant->broken)
            record(constants->context, constant->let->name_place, UINT32_MAX, value.number);
    }
}

/* ---- quantities ---- */

/* For example "a whole number from 1 to 65536", "above 0 and below 1". */
static const char *range_text(bl_arena *arena, const quantity *quantity)
{
    bl_text text = bl_text_new(arena);
    const char *least = bl_number_text(arena, quantity->least), *most = bl_number_text(arena, quantity->most);
    bool least_in = quantity->ends == CLOSED || quantity->ends == BELOW;
    bool most_in = quantity->ends == CLOSED || quantity->ends == ABOVE;
    if (quantity->least == quantity->most)
        bl_text_format(&text, "%s", least);
    else if (quantity->kind == COUNT)
        bl_text_format(&text, "a whole number from %s to %s", least, most);
    else
        bl_text_format(&text, "%s %s and %s %s", least_in ? "at least" : "above", least, most_in ? "at most" : "below",
                       most);
    return text.data;
}

void bl_quantity_view(bl_arena *arena, bl_quantity id, bl_quantity_facts *out)
{
    const quantity *quantity = &QUANTITIES[id];
    out->what = quantity->what;
    out->range = range_text(arena, quantity);
    out->usual = isnan(quantity->fallback) ? NULL : bl_number_text(arena, quantity->fallback);
}

static bool within(const quantity *quantity, double number)
{
    bool least_in = quantity->ends == CLOSED || quantity->ends == BELOW;
    bool most_in = quantity->ends == CLOSED || quantity->ends == ABOVE;
    return (least_in ? number >= quantity->least : number > quantity->least) &&
           (most_in ? number <= quantity->most : number < quantity->most);
}

bool bl_take_number(const bl_constants *constants, const bl_node *node, double *out)
{
    value value;
    bool fine = evaluate(constants, node, &value);
    *out = value.number;
    return fine;
}

/* Texts are made only for a wrong number: most are right, and there may be thousands. */
static void report_range(bl_context *context, const bl_node *node, const quantity *quantity, value value)
{
    bl_arena *arena = &context->arena;
    const char *found = bl_number_text(arena, value.number), *range = range_text(arena, quantity);
    const char *fallback = isnan(quantity->fallback) ? NULL : bl_number_text(arena, quantity->fallback);
    bool hundredfold = quantity->kind == SHARE && !value.percent && value.number > 1 && value.number <= 100;
    bl_text percent = bl_text_new(arena);
    bl_text_format(&percent, "%s%%", found);
    bl_diagnose(context, OUT_OF_RANGE, node->place, quantity->what, range, found, fallback,
                hundredfold ? percent.data : NULL, within(quantity, quantity->fallback) ? fallback : NULL);
}

bool bl_take(const bl_constants *constants, const bl_node *node, bl_quantity id, double *out)
{
    const quantity *quantity = &QUANTITIES[id];
    bl_context *context = constants->context;
    bl_arena *arena = &context->arena;
    value value;
    if (!evaluate(constants, node, &value))
        return false;
    record(context, node->place, id, value.number);
    if (quantity->kind == COUNT && value.percent)
        bl_diagnose(context, COUNT_PERCENT, node->place, quantity->what, range_text(arena, quantity));
    else if (!within(quantity, value.number))
        report_range(context, node, quantity, value);
    else if (quantity->kind == COUNT && value.number != floor(value.number))
        bl_diagnose(context, NOT_WHOLE, node->place, quantity->what, bl_number_text(arena, value.number),
                    bl_number_text(arena, ceil(value.number)));
    else {
        *out = value.number;
        return true;
    }
    return false;
}

bool bl_take_count(const bl_constants *constants, const bl_node *node, bl_quantity quantity, uint32_t *out)
{
    double number;
    if (!bl_take(constants, node, quantity, &number))
        return false;
    *out = (uint32_t)number;
    return true;
}

bool bl_is_percent(const bl_constants *constants, const bl_node *node)
{
    value value;
    return evaluate(constants, node, &value) && value.percent;
}

unsigned bl_take_size(const bl_constants *constants, const bl_node *size, uint32_t out[3])
{
    unsigned count = 0;
    double product = 1;
    for (const char *at = size->text; *at != '\0' && count < 3; at += *at == 'x') {
        double number = 0;
        for (; *at != '\0' && *at != 'x'; at++)
            if (*at != '_')
                number = number * 10 + (*at - '0');
        product *= number;
        out[count++] = product >= 1 && product <= BL_MAX_NEURONS ? (uint32_t)number : 0;
    }
    if (product >= 1 && product <= BL_MAX_NEURONS)
        return count;
    bl_diagnose(constants->context, SIZE_WRONG, size->place, size->text,
                bl_number_text(&constants->context->arena, BL_MAX_NEURONS));
    return 0;
}

bool bl_take_window(const bl_constants *constants, const bl_node *size, uint32_t out[2])
{
    uint32_t sides[3];
    unsigned count = bl_take_size(constants, size, sides);
    if (count == 3)
        bl_diagnose(constants->context, WINDOW_DEEP, size->place, size->text,
                    bl_size_text(&constants->context->arena, sides[0], sides[1]));
    out[0] = count == 2 ? sides[0] : 0;
    out[1] = count == 2 ? sides[1] : 0;
    return count == 2;
}
