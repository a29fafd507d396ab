/* Writes a formula's steps as an expression. */
#include <string.h>

#include "formula/formula.h"
#include "report/context.h"

/* The precedence of a part. A part is put in parentheses where its context needs a higher one. */
typedef enum binding { SUM, PRODUCT, FACTOR } binding;

typedef struct part {
    const char *text;
    binding binding;
} part;

static void add_part(bl_text *text, const part *part, binding least)
{
    bool loose = part->binding < least;
    bl_text_format(text, "%s%s%s", loose ? "(" : "", part->text, loose ? ")" : "");
}

/* `a - (b + c)` and `a / (b * c)` keep their parentheses; `a - b - c` needs none. */
static part signed_part(bl_arena *arena, bl_operation operation, const part *of)
{
    bool sum = operation == BL_OPERATION_ADD || operation == BL_OPERATION_SUBTRACT;
    binding binding = sum ? SUM : PRODUCT;
    bl_text text = bl_text_new(arena);
    add_part(&text, &of[0], binding);
    bl_text_format(&text, " %s ", bl_operation_kinds[operation].spelling);
    add_part(&text, &of[1], binding + 1);
    return (part){text.data, binding};
}

static part call(bl_arena *arena, const bl_operation_kind *kind, const part *of)
{
    bl_text text = bl_text_new(arena);
    bl_text_format(&text, "%s(", kind->spelling);
    for (uint32_t i = 0; i < kind->operands; i++)
        bl_text_format(&text, "%s%s", i > 0 ? ", " : "", of[i].text);
    bl_text_add(&text, ")");
    return (part){text.data, FACTOR};
}

static part step_part(bl_arena *arena, const bl_formula *formula, const bl_step *step, const part *of)
{
    const bl_operation_kind *kind = &bl_operation_kinds[step->operation];
    bl_text text = bl_text_new(arena);
    switch (step->operation) {
    case BL_OPERATION_DRIVE:
        return (part){formula->drive, FACTOR};
    case BL_OPERATION_ALPHA:
        return (part){formula->alpha, FACTOR};
    case BL_OPERATION_NUMBER:
        return (part){bl_number_text(arena, step->number), FACTOR};
    case BL_OPERATION_NEGATE:
        bl_text_add(&text, "-");
        add_part(&text, &of[0], FACTOR);
        return (part){text.data, FACTOR};
    case BL_OPERATION_ADD:
    case BL_OPERATION_SUBTRACT:
    case BL_OPERATION_MULTIPLY:
    case BL_OPERATION_DIVIDE:
        return signed_part(arena, step->operation, of);
    default:
        return call(arena, kind, of);
    }
}

void bl_formula_text(bl_text *text, const bl_formula *formula)
{
    part stack[BL_MAX_STACK + 3] = {{0}};
    uint32_t height = 0;
    for (uint32_t i = 0; i < formula->step_count; i++) {
        height -= bl_operation_kinds[formula->steps[i].operation].operands;
        stack[height] = step_part(text->arena, formula, &formula->steps[i], &stack[height]);
        height++;
    }
    bl_text_format(text, "neuron %s(%s, %s) = %s;", formula->name, formula->drive, formula->alpha, stack[0].text);
}

typedef struct dump {
    const bl_formula *formula;
    FILE *to;
} dump;

static int write_formula(bl_context *context, void *argument)
{
    const dump *dump = argument;
    bl_text text = bl_text_new(&context->arena);
    bl_formula_text(&text, dump->formula);
    fwrite(text.data, 1, text.length, dump->to);
    return 0;
}

/* The text is built in a context of its own, as in bl_dump_model. */
void bl_dump_formula(const bl_formula *formula, FILE *to)
{
    bl_context *context = bl_context_new();
    if (context == NULL)
        return;
    dump dump = {formula, to};
    bl_guard(context, write_formula, &dump);
    bl_context_free(context);
}
