/* Neuron formulas: translates an expression of the drive and the neuron's alpha into postfix steps. */
#include "check/formula_read.h"

#include <math.h>
#include <string.h>

#include "formula/formula.h"
#include "parse/word.h"

typedef struct building {
    bl_checker *checker;
    const char *drive, *alpha;
    bl_step *steps;   /* [BL_MAX_STEPS] */
    bl_place *places; /* [BL_MAX_STEPS]: places of the steps */
    uint32_t count, height;
    bool broken; /* an error was reported */
} building;

/* ---- steps ---- */

static void too_large(building *building, bl_place place, uint32_t limit, const char *what)
{
    bl_diagnose(building->checker->context, FORMULA_LARGE, place, bl_number_text(building->checker->arena, limit),
                what);
    building->broken = true;
}

/* Folds an operation on numbers into its result. A result that is not finite, such as 1/0, stays, to be reported. */
static bool fold(building *building, bl_step step, uint32_t operands)
{
    bl_dual values[3] = {{0}};
    bl_step *first = building->steps + building->count - operands;
    for (uint32_t i = 0; i < operands; i++) {
        if (first[i].operation != BL_OPERATION_NUMBER)
            return false;
        values[i] = (bl_dual){first[i].number, 0};
    }
    double number = operands == 0 ? NAN : bl_step_apply(&step, values).value;
    if (!isfinite(number))
        return false;
    *first = (bl_step){BL_OPERATION_NUMBER, number};
    building->count -= operands - 1;
    building->height -= operands - 1;
    return true;
}

static void add_step(building *building, bl_step step, bl_place place)
{
    uint32_t operands = bl_operation_kinds[step.operation].operands;
    if (building->broken)
        return;
    if (fold(building, step, operands)) {
        building->places[building->count - 1] = place;
        return;
    }
    building->height = building->height - operands + 1;
    if (building->count == BL_MAX_STEPS) {
        too_large(building, place, BL_MAX_STEPS, "steps");
    } else if (building->height > BL_MAX_STACK) {
        too_large(building, place, BL_MAX_STACK, "values at once");
    } else {
        building->steps[building->count] = step;
        building->places[building->count++] = place;
    }
}

/* Whether two factors are the same expression. Their product is then a square, which is never negative. */
static bool equal_factors(const building *building, uint32_t left, uint32_t right)
{
    const bl_step *steps = building->steps;
    uint32_t length = right - left;
    if (building->broken || building->count - right != length)
        return false;
    for (uint32_t i = 0; i < length; i++)
        if (steps[left + i].operation != steps[right + i].operation ||
            steps[left + i].number != steps[right + i].number)
            return false;
    return true;
}

/* ---- the expression ---- */

static void add_expression(building *building, const bl_node *node);

static void unknown_name(building *building, const bl_node *node)
{
    bl_checker *checker = building->checker;
    const bl_constants *constants = &checker->constants;
    const char **names = BL_ARRAY(checker->arena, const char *, constants->count + 2);
    names[0] = building->drive;
    names[1] = building->alpha;
    for (uint32_t i = 0; i < constants->count; i++)
        names[2 + i] = constants->list[i].let->text;
    if (!checker->incomplete)
        bl_diagnose(checker->context, FORMULA_NAME, node->place, node->text,
                    bl_nearest(node->text, names, constants->count + 2));
    building->broken = true;
}

/* A parameter hides a constant of the same name. */
static void add_name(building *building, const bl_node *node)
{
    const bl_constants *constants = &building->checker->constants;
    double number;
    if (strcmp(node->text, building->drive) == 0)
        add_step(building, (bl_step){.operation = BL_OPERATION_DRIVE}, node->place);
    else if (strcmp(node->text, building->alpha) == 0)
        add_step(building, (bl_step){.operation = BL_OPERATION_ALPHA}, node->place);
    else if (bl_constants_find(constants, node->text) == NULL)
        unknown_name(building, node);
    else if (bl_take_number(constants, node, &number))
        add_step(building, (bl_step){BL_OPERATION_NUMBER, number}, node->place);
    else
        building->broken = true;
}

static void add_number(building *building, const bl_node *node)
{
    double number;
    if (bl_take_number(&building->checker->constants, node, &number))
        add_step(building, (bl_step){BL_OPERATION_NUMBER, number}, node->place);
    else
        building->broken = true;
}

static void add_signed(building *building, const bl_node *node)
{
    bl_operation operation = node->kind == BL_NODE_ADD        ? BL_OPERATION_ADD
                             : node->kind == BL_NODE_SUBTRACT ? BL_OPERATION_SUBTRACT
                             : node->kind == BL_NODE_MULTIPLY ? BL_OPERATION_MULTIPLY
                                                              : BL_OPERATION_DIVIDE;
    uint32_t left = building->count;
    add_expression(building, node->first);
    uint32_t right = building->count;
    add_expression(building, node->first->next);
    if (operation == BL_OPERATION_MULTIPLY && equal_factors(building, left, right)) {
        building->count = right;
        building->height--;
        operation = BL_OPERATION_SQUARE;
    }
    add_step(building, (bl_step){.operation = operation}, node->place);
}

static void unknown_function(building *building, const bl_node *node)
{
    const char *names[BL_OPERATIONS];
    size_t count = 0;
    for (size_t i = 0; i < BL_OPERATIONS; i++)
        if (*bl_operation_kinds[i].usage != '\0')
            names[count++] = bl_operation_kinds[i].spelling;
    bl_diagnose(building->checker->context, FUNCTION_UNKNOWN, node->place, node->text,
                bl_nearest(node->text, names, count), bl_list_text(building->checker->arena, names, count, "and"));
    building->broken = true;
}

static void add_call(building *building, const bl_node *node)
{
    uint32_t operation = 0, count = bl_node_count(node);
    while (operation < BL_OPERATIONS && (*bl_operation_kinds[operation].usage == '\0' ||
                                         strcmp(bl_operation_kinds[operation].spelling, node->text) != 0))
        operation++;
    for (const bl_node *argument = node->first; argument != NULL; argument = argument->next)
        add_expression(building, argument);
    if (operation == BL_OPERATIONS) {
        unknown_function(building, node);
        return;
    }
    const bl_operation_kind *kind = &bl_operation_kinds[operation];
    if (count != kind->operands) {
        bl_diagnose(building->checker->context, FUNCTION_ARGUMENTS, node->place, kind->spelling,
                    bl_number_text(building->checker->arena, kind->operands),
                    bl_number_text(building->checker->arena, count), kind->usage);
        building->broken = true;
    }
    add_step(building, (bl_step){.operation = (bl_operation)operation}, node->place);
}

/* Recursion is bounded: a tree is at most BL_MAX_DEPTH deep. */
static void add_expression(building *building, const bl_node *node)
{
    switch (node->kind) {
    case BL_NODE_NUMBER:
        add_number(building, node);
        break;
    case BL_NODE_NAME:
        add_name(building, node);
        break;
    case BL_NODE_GROUP:
        add_expression(building, node->first);
        break;
    case BL_NODE_NEGATE:
        add_expression(building, node->first);
        add_step(building, (bl_step){.operation = BL_OPERATION_NEGATE}, node->place);
        break;
    case BL_NODE_ADD:
    case BL_NODE_SUBTRACT:
    case BL_NODE_MULTIPLY:
    case BL_NODE_DIVIDE:
        add_signed(building, node);
        break;
    case BL_NODE_CALL:
        add_call(building, node);
        break;
    default: /* BROKEN: the parser reported it */
        building->broken = true;
    }
}

/* ---- a neuron ---- */

/* `alpha` is the only word that may name a parameter, besides the free ones. */
static bool check_parameter(bl_checker *checker, const bl_node *parameter)
{
    if (!bl_is_word(parameter->text) || bl_is_free_word(parameter->text) || strcmp(parameter->text, "alpha") == 0)
        return true;
    bl_text quoted = bl_text_new(checker->arena);
    bl_text_format(&quoted, "`%s`", parameter->text);
    bl_diagnose(checker->context, WORD_TAKEN, parameter->place, quoted.data);
    return false;
}

/* A formula has two parameters with different names. */
static bool check_parameters(bl_checker *checker, const bl_node *node, const bl_node *parameters)
{
    uint32_t count = bl_node_count(parameters);
    bool fine = true;
    for (const bl_node *parameter = parameters->first; parameter != NULL; parameter = parameter->next)
        fine &= check_parameter(checker, parameter);
    if (count != 2) {
        bl_diagnose(checker->context, FORMULA_PARAMETERS, parameters->place, bl_number_text(checker->arena, count),
                    node->text);
        return false;
    }
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): there are two */
    if (strcmp(parameters->first->text, parameters->last->text) != 0)
        return fine;
    bl_remark_on(
        bl_diagnose(checker->context, NAME_TAKEN, parameters->last->place, "parameter", parameters->last->text),
        parameters->first->place, "first declared here");
    return false;
}

static bool reads_drive(const building *building)
{
    for (uint32_t i = 0; i < building->count; i++)
        if (building->steps[i].operation == BL_OPERATION_DRIVE)
            return true;
    return false;
}

static void read_neuron(bl_checker *checker, const bl_node *node, bl_neuron *out)
{
    const bl_node *parameters = node->first, *body = parameters->next;
    out->node = node;
    if (parameters->kind == BL_NODE_BROKEN || !check_parameters(checker, node, parameters))
        return;
    building building = {.checker = checker,
                         .drive = parameters->first->text,
                         .alpha = parameters->last->text,
                         .steps = BL_ARRAY(checker->arena, bl_step, BL_MAX_STEPS),
                         .places = BL_ARRAY(checker->arena, bl_place, BL_MAX_STEPS)};
    add_expression(&building, body);
    if (building.broken)
        return;
    out->known = reads_drive(&building);
    if (!out->known)
        bl_diagnose(checker->context, FORMULA_CONSTANT, body->place, node->text, building.drive);
    out->places = building.places;
    out->formula = (bl_formula){.name = node->text,
                                .drive = building.drive,
                                .alpha = building.alpha,
                                .step_count = building.count,
                                .steps = building.steps,
                                .place = node->place};
}

void bl_check_formulas(bl_checker *checker)
{
    checker->formulas = BL_ARRAY(checker->arena, bl_neuron, checker->neurons.count + 1);
    for (uint32_t i = 0; i < checker->neurons.count; i++)
        read_neuron(checker, checker->neurons.list[i], &checker->formulas[i]);
}
