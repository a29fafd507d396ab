/* Schedules: the phases, and the settings that each kind of phase has; and sweeps over settings. */
#include <string.h>

#include "check/check.h"
#include "check/phase.h"

/* ---- settings of each kind of phase ---- */

static const char COMPETING[] = "phases that compete", CORRECTING[] = "phases that correct";

static const struct {
    bl_kind setting;
    const char *home, *reason; /* the kind that has the setting; why the other kind does not use it */
} HOMES[] = {
    {BL_NODE_ERROR, CORRECTING, "competition has no labels and therefore no error"},
    {BL_NODE_ETA, CORRECTING, "competition has no error to correct; its rate is `xi 0.05 to 0.005`"},
    {BL_NODE_DECAY, CORRECTING, "competition has no epochs; its rate falls by `xi 0.05 to 0.005`"},
    {BL_NODE_MOMENTUM, CORRECTING, "competition moves the winner alone, one patch at a time"},
    {BL_NODE_ADAPTIVE, CORRECTING, "competition moves the winner alone, one patch at a time"},
    {BL_NODE_ANNEAL, CORRECTING, "competition trains one winner a patch"},
    {BL_NODE_PRUNE, CORRECTING, "competition has no epochs between which connections could be pruned"},
    {BL_NODE_EPOCHS, CORRECTING, "competition samples patches; `sample 200_000 patches` sets their number"},
    {BL_NODE_BATCH, CORRECTING, "competition learns from one patch at a time"},
    {BL_NODE_REPLICAS, CORRECTING, "competition learns from one patch at a time, in order"},
    {BL_NODE_SHIFT, CORRECTING, "competition samples patches at random places anyway"},
    {BL_NODE_CUTOUT, CORRECTING, "competition samples patches, and a patch that was cut out would show nothing"},
    {BL_NODE_KEEP_BEST, CORRECTING, "competition has no score"},
    {BL_NODE_CENTRED, CORRECTING, "competition has no corrections"},
    {BL_NODE_WEIGH_CLASSES, CORRECTING, "competition has no labels"},
    {BL_NODE_KEEP_READOUTS, CORRECTING, "competition has no readouts"},
    {BL_NODE_SAMPLE, COMPETING, "correction uses whole samples, each `epochs` times"},
    {BL_NODE_TARGET, COMPETING, "correction has the label as its target"},
    {BL_NODE_CONSCIENCE, COMPETING, "correction has no winners"},
    {BL_NODE_ALIENATE, COMPETING, "correction has no rivals"},
};

static void check_homes(const bl_phase_check *check, const char *home)
{
    bl_context *context = check->checker->context;
    for (const bl_node *item = check->block->first; item != NULL; item = item->next) {
        for (size_t i = 0; i < sizeof HOMES / sizeof *HOMES; i++)
            if (HOMES[i].setting == item->kind && HOMES[i].home != home)
                bl_diagnose(context, MISPLACED, item->place, bl_node_once(item->kind), HOMES[i].home, HOMES[i].reason);
        const bl_node *to = item->kind == BL_NODE_XI ? bl_node_find(item, BL_NODE_TO) : NULL;
        if (to != NULL && home == CORRECTING)
            bl_diagnose(context, MISPLACED, to->place, "an xi that falls (`to`)", COMPETING,
                        "in correction eta falls, by `decay`");
    }
}

static void check_phase(bl_phase_check *check, const bl_node *node)
{
    const bl_node *block = node->first;
    const bl_node *correct = bl_node_find(block, BL_NODE_CORRECT), *compete = bl_node_find(block, BL_NODE_COMPETE);
    check->block = block;
    bl_check_once(check->checker, block);
    if (correct != NULL && compete != NULL) {
        bool corrects_first = correct->place.offset < compete->place.offset;
        const bl_node *first = corrects_first ? correct : compete, *second = corrects_first ? compete : correct;
        bl_remark_on(bl_diagnose(check->checker->context, PHASE_BOTH, second->place, ""), first->place,
                     corrects_first ? "it corrects here" : "it competes here");
        return;
    }
    if (compete != NULL || correct != NULL || bl_node_find(block, BL_NODE_BROKEN) == NULL)
        check_homes(check, compete != NULL ? COMPETING : CORRECTING);
    if (compete != NULL)
        bl_check_compete(check, node);
    else
        bl_check_correct(check, node);
}

/* ---- the schedule ---- */

static void check_phases(bl_phase_check *check, const bl_node *schedule, bl_program *program)
{
    bl_context *context = check->checker->context;
    const bl_node *block = schedule->first;
    bl_nodes phases = {0};
    for (const bl_node *item = block->first; item != NULL; item = item->next)
        if (item->kind == BL_NODE_PHASE)
            bl_nodes_add(check->checker, &phases, item, "phases");
    if (phases.count == 0 && bl_node_find(block, BL_NODE_BROKEN) == NULL)
        bl_diagnose(context, SCHEDULE_EMPTY, schedule->name_place, "");
    bl_phase *list = BL_ARRAY(check->checker->arena, bl_phase, phases.count);
    for (uint32_t i = 0; i < phases.count; i++) {
        const bl_node *node = phases.list[i];
        for (uint32_t j = 0; j < i; j++)
            if (strcmp(phases.list[j]->text, node->text) == 0) {
                bl_remark_on(bl_diagnose(context, NAME_TAKEN, node->name_place, "phase", node->text),
                             phases.list[j]->name_place, "first declared here");
                break;
            }
        check->phase = &list[i];
        check->earlier = list;
        check->earlier_count = i;
        check_phase(check, node);
    }
    program->phases = list;
    program->phase_count = phases.count;
}

/* Data without a schedule: one phase corrects every layer that can learn. */
static void add_default_phase(bl_phase_check *check, bl_program *program)
{
    bl_phase *phase = BL_NEW(check->checker->arena, bl_phase);
    if (check->splits->unlabelled != NULL) {
        bl_check_labels(check->checker, check->splits, program->data->place, "correct",
                        "say which layer competes: `schedule { phase palette { compete NAME; } }`");
        return;
    }
    check->phase = phase;
    bl_set_correct(check, "learn", program->data->place);
    if (!bl_correct_all(check))
        return;
    bl_check_answer(check->checker, check->network);
    program->phases = phase;
    program->phase_count = 1;
}

void bl_check_schedule(bl_checker *checker, const bl_network *network, const bl_splits *splits, bl_readouts *readouts,
                       bl_program *program)
{
    bl_phase_check check = {.checker = checker,
                            .network = network,
                            .splits = splits,
                            .data = program->data,
                            .readouts = readouts,
                            .printed = checker->rule == BT_RULE_PRINTED};
    program->seed = (uint64_t)bl_default(BL_QUANTITY_SEED);
    if (checker->schedules.count == 0) {
        if (splits->train && program->data != NULL)
            add_default_phase(&check, program);
        return;
    }
    const bl_node *schedule = checker->schedules.list[0], *seed = bl_node_find(schedule->first, BL_NODE_SEED);
    double value;
    bl_check_once(checker, schedule->first);
    if (seed != NULL && bl_take(&checker->constants, seed->first, BL_QUANTITY_SEED, &value))
        program->seed = (uint64_t)value;
    if (program->data != NULL && !splits->train && !splits->unknown)
        bl_remark_on(bl_diagnose(checker->context, TRAIN_MISSING, schedule->name_place, program->data->name),
                     program->data->place, "the data is declared here");
    check_phases(&check, schedule, program);
}

/* ---- sweeps ---- */

typedef struct swept { /* values of one `sweep`, as texts */
    const char **list;
    uint32_t count;
} swept;

static bool add_swept(bl_checker *checker, swept *out, const bl_node *node, const char *text)
{
    if (out->count == BL_MAX_SWEPT) {
        bl_diagnose(checker->context, TOO_MANY, node->place, "values of a sweep", "10000");
        return false;
    }
    out->list = bl_grow(checker->arena, out->list, out->count, sizeof *out->list);
    out->list[out->count++] = text;
    return true;
}

static const char *whole_text(bl_checker *checker, double value)
{
    bl_text text = bl_text_new(checker->arena);
    bl_text_format(&text, "%.0f", value);
    return text.data;
}

/* FIRST..LAST: the scanner has made sure that both are digits, with underscores between them. */
static void take_span(bl_checker *checker, const bl_node *span, swept *out)
{
    double ends[2] = {0};
    const char *at = span->text;
    for (int i = 0; i < 2; i++, at += strspn(at, "."))
        for (; *at != '\0' && *at != '.'; at++)
            if (*at != '_')
                ends[i] = 10 * ends[i] + (*at - '0');
    if (ends[0] > ends[1])
        bl_diagnose(checker->context, SPAN_EMPTY, span->place, "");
    else if (ends[1] > 9007199254740992.0)
        bl_diagnose(checker->context, NUMBER_LARGE, span->place, span->text);
    else
        for (double i = 0; i <= ends[1] - ends[0]; i++) /* the largest whole numbers have no successor */
            if (!add_swept(checker, out, span, whole_text(checker, ends[0] + i)))
                break;
}

static void take_swept(bl_checker *checker, const bl_node *node, bool seed, swept *out)
{
    double value;
    if (node->kind == BL_NODE_SPAN) {
        take_span(checker, node, out);
    } else if (seed) {
        if (bl_take(&checker->constants, node, BL_QUANTITY_SEED, &value))
            add_swept(checker, out, node, whole_text(checker, value));
    } else if (bl_take_number(&checker->constants, node, &value)) {
        bl_text text = bl_text_new(checker->arena);
        bl_node_print(node, &text);
        add_swept(checker, out, node, text.data);
    }
}

static void check_swept_name(bl_checker *checker, uint32_t index)
{
    const bl_node *sweep = checker->sweeps.list[index];
    const char **names = BL_ARRAY(checker->arena, const char *, checker->constants.count + 1);
    bool seed = strcmp(sweep->text, "seed") == 0;
    for (uint32_t i = 0; i < checker->constants.count; i++)
        names[i] = checker->constants.list[i].let->text;
    if (!seed && !checker->constants.incomplete && bl_constants_find(&checker->constants, sweep->text) == NULL)
        bl_diagnose(checker->context, CONSTANT_UNKNOWN, sweep->name_place, sweep->text,
                    bl_nearest(sweep->text, names, checker->constants.count));
    for (uint32_t i = 0; i < index; i++)
        if (strcmp(checker->sweeps.list[i]->text, sweep->text) == 0) {
            bl_text what = bl_text_new(checker->arena);
            bl_text_format(&what, "`sweep %s`", sweep->text);
            bl_remark_on(bl_diagnose(checker->context, GIVEN_TWICE, sweep->name_place, what.data),
                         checker->sweeps.list[i]->name_place, "first given here");
            break;
        }
}

void bl_check_sweeps(bl_checker *checker, bl_program *program)
{
    const bl_nodes *sweeps = &checker->sweeps;
    bl_sweep *list = BL_ARRAY(checker->arena, bl_sweep, sweeps->count + 1);
    for (uint32_t i = 0; i < sweeps->count; i++) {
        const bl_node *sweep = sweeps->list[i];
        bool seed = strcmp(sweep->text, "seed") == 0; /* a word, so that no constant has this name */
        swept values = {0};
        check_swept_name(checker, i);
        for (const bl_node *value = sweep->first; value != NULL; value = value->next)
            take_swept(checker, value, seed, &values);
        list[i] = (bl_sweep){seed ? NULL : sweep->text, values.count, values.list, sweep->place};
    }
    program->sweep_count = sweeps->count;
    program->sweeps = list;
}
