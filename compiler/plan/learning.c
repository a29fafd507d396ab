#include "plan/learning.h"

#include <stdio.h>
#include <string.h>

int bc_refuse_layer(const char *layer, const bc_line *line, const char *cause, const char *remedy, br_error *error)
{
    if (!line)
        return br_fail(error, BR_ERROR_CHECK, "layer %s: %s; %s", layer, cause, remedy);
    return br_fail(error, BR_ERROR_CHECK, "%s:%u:%u: layer %s: %s; %s", line->file, line->line, line->column, layer,
                   cause, remedy);
}

/* ---- what can learn ---- */

/* The readouts of a text follow its layers, and are no layers of the trained network. */
static int refuse_name(const bl_program *program, const char *name, br_error *error)
{
    for (uint32_t i = program->layer_count; i < program->layer_count + program->readout_layers; i++)
        if (strcmp(program->layers[i].name, name) == 0)
            return br_fail(error, BR_ERROR_CHECK,
                           "--learn=%s: it is a readout, which no answer depends on; name the last layer, %s", name,
                           bl_last_layer(program)->name);
    return br_fail(error, BR_ERROR_CHECK, "--learn=%s: network %s has no layer of this name; name the last layer, %s",
                   name, program->name, bl_last_layer(program)->name);
}

static int check_layer(const bl_program *program, uint32_t index, const bc_line *line, br_error *error)
{
    const bl_layer *layer = &program->layers[index];
    if (index + 1 < program->layer_count) {
        char remedy[320];
        snprintf(remedy, sizeof remedy, "write --learn=%s", bl_last_layer(program)->name);
        return bc_refuse_layer(layer->name, line, "it can't learn on a device, where only the last layer has errors",
                               remedy, error);
    }
    if (program->rule == BT_RULE_PRINTED)
        return bc_refuse_layer(layer->name, line, "it can't learn on a device by `rule printed`", "use `rule repaired`",
                               error);
    if (layer->depress_count > 0)
        return bc_refuse_layer(layer->name, line, "it can't learn on a device, because its neurons depress each other",
                               "leave `depress` out of the last layer", error);
    if (layer->frozen)
        return bc_refuse_layer(layer->name, line, "it can't learn on a device, because it is frozen",
                               "leave `alpha frozen` out", error);
    return 0;
}

/* ---- what it learns by ---- */

const char *bc_crossing_of(const bl_layer *layer)
{
    return !layer->switches      ? "stops there"
           : bc_has_valve(layer) ? "stops there, unless it was near it"
                                 : "becomes one of the other sign";
}

static const bl_phase *phase_of(const bl_program *program, uint32_t layer, double *eta)
{
    for (uint32_t p = program->phase_count; p-- > 0;)
        for (uint32_t i = 0; i < program->phases[p].layer_count; i++)
            if (program->phases[p].kind == BT_PHASE_CORRECT && program->phases[p].layers[i] == layer) {
                *eta = program->phases[p].eta[i];
                return &program->phases[p];
            }
    return NULL;
}

/* The device keeps no means of steps. With momentum B1, a step moves a bound by 1/(1 - B1) times its length in the end. */
static float rate_of(const bl_phase *phase, double eta)
{
    return (float)phase->xi * (float)(eta / (1 - phase->momentum));
}

int bc_learning_find(const bl_program *program, const char *name, const bc_line *lines, bc_learning *out,
                     br_error *error)
{
    uint32_t index = 0;
    double eta = 0;
    while (index < program->layer_count && strcmp(program->layers[index].name, name) != 0)
        index++;
    if (index == program->layer_count)
        return refuse_name(program, name, error);
    const bc_line *line = lines ? &lines[index] : NULL;
    if (check_layer(program, index, line, error) != 0)
        return -1;
    const bl_phase *phase = phase_of(program, index, &eta);
    if (phase == NULL)
        return bc_refuse_layer(name, line, "it can't learn on a device, because no phase of the schedule corrects it",
                               "add a phase that does", error);
    if (phase->adapts)
        return bc_refuse_layer(
            name, line, "it can't learn on a device, because `adaptive` keeps two more numbers for each connection",
            "end the schedule with a phase that corrects it without `adaptive`", error);
    *out = (bc_learning){phase, rate_of(phase, eta), program->layers[index].theta_xi > 0};
    return 0;
}
