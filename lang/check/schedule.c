/* Schedules: the phases, and the settings that each kind of phase has. */
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
    {BL_NODE_EPOCHS, CORRECTING, "competition samples patches; `sample 200_000 patches` sets their number"},
    {BL_NODE_BATCH, CORRECTING, "competition learns from one patch at a time"},
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
