/* bl_check: sorts the statements, evaluates the constants, checks each part, and assembles the program.
 *
 *     collect -> constants -> formulas -> rule -> networks -> data -> schedule -> expectations -> bl_program */
#include "check/check.h"

#include <string.h>

#include "check/formula_read.h"

static void collect(bl_checker *checker, const bl_node *items)
{
    for (const bl_node *item = items->first; item != NULL; item = item->next) {
        switch (item->kind) {
        case BL_NODE_INCLUDE:
            collect(checker, item);
            break;
        case BL_NODE_NETWORK:
            bl_nodes_add(checker, &checker->networks, item, "networks");
            break;
        case BL_NODE_DATA:
            bl_nodes_add(checker, &checker->data, item, "data blocks");
            break;
        case BL_NODE_SCHEDULE:
            bl_nodes_add(checker, &checker->schedules, item, "schedules");
            break;
        case BL_NODE_RULE:
            bl_nodes_add(checker, &checker->rules, item, "rules");
            break;
        case BL_NODE_EXPECT:
            bl_nodes_add(checker, &checker->expects, item, "expectations");
            break;
        case BL_NODE_SWEEP:
            bl_nodes_add(checker, &checker->sweeps, item, "sweeps");
            break;
        case BL_NODE_NEURON:
            bl_nodes_add(checker, &checker->neurons, item, "neuron formulas");
            break;
        case BL_NODE_LET:
            if (checker->constants.count < BL_MAX_STATEMENTS)
                bl_constants_declare(&checker->constants, item);
            else
                bl_diagnose(checker->context, TOO_MANY, item->place, "constants", "4096");
            break;
        default: /* BROKEN */
            checker->incomplete = checker->constants.incomplete = true;
        }
    }
}

/* A text has at most one statement of this kind. Reports each further one with the place of the first. */
static void check_single(bl_checker *checker, const bl_nodes *nodes, const char *what)
{
    for (uint32_t i = 1; i < nodes->count; i++)
        bl_remark_on(bl_diagnose(checker->context, GIVEN_TWICE, nodes->list[i]->name_place, what),
                     nodes->list[0]->name_place, "first given here");
}

static void check_names(bl_checker *checker, const bl_nodes *nodes, const char *what)
{
    for (uint32_t i = 1; i < nodes->count; i++)
        for (uint32_t j = 0; j < i; j++) {
            if (strcmp(nodes->list[i]->text, nodes->list[j]->text) != 0)
                continue;
            bl_remark_on(
                bl_diagnose(checker->context, NAME_TAKEN, nodes->list[i]->name_place, what, nodes->list[i]->text),
                nodes->list[j]->name_place, "first declared here");
            break;
        }
}

static bt_rule check_rule(bl_checker *checker)
{
    check_single(checker, &checker->rules, "`rule`");
    if (checker->rules.count == 0)
        return BT_RULE_REPAIRED;
    bt_rule rule = BT_RULE_REPAIRED;
    bt_rule_of(checker->rules.list[0]->text, &rule);
    return rule;
}

/* Every name given to bl_set must be a constant that the text declares. */
static void check_settings(bl_checker *checker)
{
    bl_context *context = checker->context;
    const char **names = BL_ARRAY(checker->arena, const char *, checker->constants.count + 1);
    for (uint32_t i = 0; i < checker->constants.count; i++)
        names[i] = checker->constants.list[i].let->text;
    for (uint32_t i = 0; i < context->setting_count && !checker->incomplete; i++) {
        const bl_setting *setting = &context->settings[i];
        if (!setting->used && setting->value != NULL)
            bl_diagnose(context, SET_UNKNOWN, setting->place, setting->name,
                        bl_nearest(setting->name, names, checker->constants.count));
    }
}

static bl_place start_of_text(const bl_context *context)
{
    for (uint32_t i = 0; i < context->file_count; i++)
        if (context->files[i]->root)
            return (bl_place){.file = i};
    return BL_NOWHERE;
}

/* The index of the requested network, or of the last one. Returns -1, with a diagnostic, if there is none. */
static int64_t choose_network(bl_checker *checker, const char *name)
{
    const bl_nodes *networks = &checker->networks;
    if (name == NULL && networks->count > 0)
        return networks->count - 1;
    const char **names = BL_ARRAY(checker->arena, const char *, networks->count + 1);
    for (uint32_t i = 0; i < networks->count; i++) {
        names[i] = networks->list[i]->text;
        if (strcmp(names[i], name) == 0)
            return i;
    }
    if (checker->incomplete)
        return -1;
    if (networks->count == 0)
        bl_diagnose(checker->context, NETWORK_MISSING, start_of_text(checker->context), "");
    else
        bl_diagnose(checker->context, NETWORK_UNKNOWN, BL_NOWHERE, name, bl_nearest(name, names, networks->count),
                    bl_list_text(checker->arena, names, networks->count, "and"));
    return -1;
}

static void collect_all(bl_checker *checker)
{
    if (checker->context->root != NULL)
        collect(checker, checker->context->root);
    check_single(checker, &checker->data, "`data`");
    check_single(checker, &checker->schedules, "`schedule`");
    check_names(checker, &checker->networks, "network");
    check_names(checker, &checker->neurons, "neuron");
    check_settings(checker);
    bl_constants_evaluate(&checker->constants);
    bl_check_formulas(checker);
    checker->rule = check_rule(checker);
}

typedef struct checking {
    const char *network;
    const bl_program *program; /* out */
} checking;

static const bl_layer *with_readouts(bl_checker *checker, const bl_network *network, const bl_readouts *readouts)
{
    if (readouts->count == 0)
        return network->layers;
    bl_layer *all = BL_ARRAY(checker->arena, bl_layer, network->layer_count + readouts->count);
    memcpy(all, network->layers, network->layer_count * sizeof *all);
    memcpy(all + network->layer_count, readouts->layers, readouts->count * sizeof *all);
    return all;
}

/* Keeps the layers for bl_list_layers. */
static void keep_layers(bl_checker *checker, const bl_network *networks)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < checker->networks.count; i++)
        count += networks[i].layer_count;
    bl_known_layer *layers = BL_ARRAY(checker->arena, bl_known_layer, count);
    checker->context->layers = (bl_known_layers){count, layers};
    for (uint32_t i = 0; i < checker->networks.count; i++)
        for (uint32_t j = 0; j < networks[i].layer_count; j++)
            *layers++ = (bl_known_layer){networks[i].nodes[j]->name_place, &networks[i].layers[j]};
}

static int check(bl_context *context, void *argument)
{
    checking *checking = argument;
    bl_checker *checker = BL_NEW(&context->arena, bl_checker);
    context->number_count = 0;
    *checker = (bl_checker){.context = context, .arena = &context->arena, .constants = {.context = context}};
    collect_all(checker);
    bl_network *networks = BL_ARRAY(checker->arena, bl_network, checker->networks.count + 1);
    for (uint32_t i = 0; i < checker->networks.count; i++)
        bl_check_network(checker, checker->networks.list[i], &networks[i]);
    keep_layers(checker, networks);
    bl_check_unfired(checker);
    int64_t chosen = choose_network(checker, checking->network);
    if (chosen < 0) { /* data and schedule are checked even without a network */
        chosen = checker->networks.count;
        networks[chosen].incomplete = true;
    }
    const bl_network *network = &networks[chosen];
    bl_program *program = BL_NEW(checker->arena, bl_program);
    bl_splits splits;
    program->data = bl_check_data(checker, network, &splits);
    bl_readouts readouts = {0};
    bl_check_schedule(checker, network, &splits, &readouts, program);
    bl_check_expects(checker, network, &splits, program);
    bl_check_sweeps(checker, program);
    if (context->diagnostics.errors > 0 || network->node == NULL)
        return 0;
    program->name = network->node->text;
    program->rule = checker->rule;
    program->input = network->input;
    program->formula_count = network->formula_count;
    program->formulas = network->formulas;
    program->layer_count = network->layer_count;
    program->layers = with_readouts(checker, network, &readouts);
    program->readout_layers = readouts.count;
    program->keep_readouts = readouts.kept;
    checking->program = program;
    return 0;
}

const bl_program *bl_check(bl_context *context, const char *network)
{
    checking checking = {.network = network};
    return bl_guard(context, check, &checking) == 0 ? checking.program : NULL;
}
