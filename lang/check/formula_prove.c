/* Proves that a layer may use a formula: its level is in [0, 1] for every drive and alpha, and its slope is not 0
 * everywhere. */
#include <math.h>

#include "check/formula_read.h"
#include "formula/formula.h"
#include "formula/interval.h"
#include "parse/word.h"

static const double ROUNDING = 1e-5;      /* rounding errors that compiled code clamps away */
static const double LEAST_SLOPE = 1e-6;   /* below this, the inverse of the slope makes steps of bounds too large */
enum { GRID_MOST = 8, GRID_STEPS = 256 }; /* drives from -8 to 8, 256 to each unit */

/* For example "between -3.1 and 2", rounded to four digits. */
static const char *interval_text(bl_arena *arena, bl_interval of)
{
    bl_text text = bl_text_new(arena);
    bl_text_add(&text, "between ");
    bl_text_format(&text, isinf(of.low) ? "-infinity" : "%.4g", of.low);
    bl_text_format(&text, isinf(of.high) ? " and infinity" : " and %.4g", of.high);
    return text.data;
}

typedef struct judgement {
    bl_checker *checker;
    const bl_neuron *neuron;
    double theta_max;
    bl_place fire; /* `fire` of the layer; length 0: no layer uses the formula */
} judgement;

/* Adds the place of the layer, and the range of its thresholds, to a diagnostic. */
static void remark(const judgement *of, bl_diagnostic *told)
{
    bl_text text = bl_text_new(of->checker->arena);
    bl_text_format(&text, "fired here, with %s from 0 to %s", of->neuron->formula.alpha,
                   bl_number_text(of->checker->arena, of->theta_max));
    if (of->fire.length > 0)
        bl_remark_on(told, of->fire, text.data);
}

static bl_diagnostic *report_fault(const judgement *of, uint32_t step, bl_interval_fault fault,
                                   const bl_interval *operands)
{
    bl_context *context = of->checker->context;
    bl_arena *arena = of->checker->arena;
    bl_place place = of->neuron->places[step];
    if (fault == BL_INTERVAL_DIVISOR)
        return bl_diagnose(context, FORMULA_DIVISOR, place, interval_text(arena, operands[1]));
    if (fault == BL_INTERVAL_ROOT)
        return bl_diagnose(context, FORMULA_ROOT, place, interval_text(arena, operands[0]));
    return bl_diagnose(context, FORMULA_UNDEFINED, place, interval_text(arena, operands[0]),
                       interval_text(arena, operands[1]));
}

/* Whether the level is in [0, 1] for every drive and every alpha up to theta_max, by interval arithmetic. */
static bool judge_level(const judgement *of)
{
    const bl_formula *formula = &of->neuron->formula;
    bl_interval stack[BL_MAX_STACK + 3] = {{0}};
    uint32_t height = 0;
    for (uint32_t i = 0; i < formula->step_count; i++) {
        const bl_step *step = &formula->steps[i];
        bl_interval_fault fault = BL_INTERVAL_FINE;
        height -= bl_operation_kinds[step->operation].operands;
        if (step->operation == BL_OPERATION_DRIVE)
            stack[height] = bl_interval_of(-BL_DRIVE_MOST, BL_DRIVE_MOST);
        else if (step->operation == BL_OPERATION_ALPHA)
            stack[height] = bl_interval_of(0, of->theta_max);
        else
            fault = bl_interval_apply(step, &stack[height], &stack[height]);
        if (fault != BL_INTERVAL_FINE) {
            remark(of, report_fault(of, i, fault, &stack[height]));
            return false;
        }
        height++;
    }
    if (stack[0].low >= -ROUNDING && stack[0].high <= 1 + ROUNDING)
        return true;
    remark(of, bl_diagnose(of->checker->context, FORMULA_RANGE, of->neuron->node->last->place,
                           interval_text(of->checker->arena, stack[0])));
    return false;
}

static double steepest(const bl_formula *formula, double theta)
{
    double most = 0, slope;
    for (int i = -GRID_MOST * GRID_STEPS; i <= GRID_MOST * GRID_STEPS; i++) {
        bl_formula_level(formula, (double)i / GRID_STEPS, theta, &slope);
        most = fmax(most, fabs(slope));
    }
    return most;
}

bool bl_judge_formula(const bl_layer_check *check, bl_neuron *neuron, bl_place fire)
{
    bl_layer *layer = check->layer;
    judgement judgement = {check->checker, neuron, layer->theta_max, fire};
    neuron->fired = true;
    if (!neuron->known || !judge_level(&judgement))
        return false;
    layer->steepest = steepest(&neuron->formula, layer->theta);
    if (layer->steepest >= LEAST_SLOPE)
        return true;
    bl_diagnose(check->checker->context, FORMULA_FLAT, fire, neuron->formula.name, neuron->formula.alpha,
                bl_number_text(check->checker->arena, layer->theta));
    return false;
}

/* Only formulas of loaded texts must be used, not formulas of included files. */
static bool of_root(const bl_checker *checker, const bl_node *node)
{
    const bl_file *file = bl_context_file(checker->context, node->place.file);
    return file != NULL && file->root;
}

void bl_check_unfired(bl_checker *checker)
{
    for (uint32_t i = 0; i < checker->neurons.count; i++) {
        const bl_neuron *neuron = &checker->formulas[i];
        if (neuron->fired)
            continue;
        if (neuron->known)
            judge_level(
                &(judgement){.checker = checker, .neuron = neuron, .theta_max = bl_default(BL_QUANTITY_THETA_MAX)});
        const char *name = neuron->node->text;
        bool named = !bl_is_word(name) || bl_is_free_word(name); /* other words were refused as names */
        if (named && of_root(checker, neuron->node) && !checker->incomplete)
            bl_diagnose(checker->context, FORMULA_UNFIRED, neuron->node->name_place, neuron->node->text);
    }
}
