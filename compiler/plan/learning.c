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

/* What learns on one sample at a time by its own errors: alike for the last layer and those before it. */
static int check_layer(const bl_program *program, uint32_t index, const bc_line *line, br_error *error)
{
    const bl_layer *layer = &program->layers[index];
    if (layer->kind != BT_LAYER_DENSE)
        return bc_refuse_layer(layer->name, line,
                               "it can't learn on a device, because only dense layers keep no sums over places",
                               "name dense layers behind it", error);
    if (program->rule == BT_RULE_PRINTED)
        return bc_refuse_layer(layer->name, line, "it can't learn on a device by `rule printed`", "use `rule repaired`",
                               error);
    if (layer->depress_count > 0)
        return bc_refuse_layer(layer->name, line, "it can't learn on a device, because its neurons depress each other",
                               "leave `depress` out of layers that learn", error);
    if (layer->frozen)
        return bc_refuse_layer(layer->name, line, "it can't learn on a device, because it is frozen",
                               "leave `alpha frozen` out", error);
    return 0;
}

/* A layer before the last one hands a correction of its activations on to its drives, by the slope of its ramp. */
static int check_hidden(const bl_program *program, uint32_t index, const bc_line *line, br_error *error)
{
    const bl_layer *layer = &program->layers[index];
    if (layer->homeostasis)
        return bc_refuse_layer(layer->name, line,
                               "it can't learn on a device, because `homeostasis` follows the drives of whole batches",
                               "name only layers behind it", error);
    if (layer->fire != BT_FIRE_RAMP)
        return bc_refuse_layer(layer->name, line,
                               "it can't learn on a device, where only ramps tell how a drive is corrected",
                               "name only layers behind it", error);
    return 0;
}

/* The layers from `first` on, as --learn names them. */
static void put_tail(const bl_program *program, uint32_t first, char *out, size_t size)
{
    size_t used = (size_t)snprintf(out, size, "write --learn=");
    for (uint32_t i = first; i < program->layer_count && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%s", i > first ? "," : "", program->layers[i].name);
}

static int check_tail(const bl_program *program, const bool *named, uint32_t first, const bc_line *lines,
                      br_error *error)
{
    for (uint32_t i = first; i < program->layer_count; i++) {
        const bc_line *line = lines ? &lines[i] : NULL;
        if (check_layer(program, i, line, error) != 0 ||
            (i + 1 < program->layer_count && check_hidden(program, i, line, error) != 0))
            return -1;
    }
    for (uint32_t i = first; i < program->layer_count; i++)
        if (!named[i]) {
            char remedy[1024];
            put_tail(program, first, remedy, sizeof remedy);
            return bc_refuse_layer(program->layers[first].name, lines ? &lines[first] : NULL,
                                   "it can't learn on a device unless all layers behind it do, which hand errors down",
                                   remedy, error);
        }
    return 0;
}

/* The layers of a list of names, and the first of them. */
static int find_named(const bl_program *program, const char *names, bool *named, uint32_t *first, br_error *error)
{
    *first = program->layer_count;
    for (const char *at = names; at != NULL; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
        char name[256];
        uint32_t index = 0;
        snprintf(name, sizeof name, "%.*s", (int)strcspn(at, ","), at);
        while (index < program->layer_count && strcmp(program->layers[index].name, name) != 0)
            index++;
        if (index == program->layer_count)
            return refuse_name(program, name, error);
        named[index] = true;
        *first = index < *first ? index : *first;
    }
    return 0;
}

/* ---- what it learns by ---- */

const char *bc_crossing_of(const bl_layer *layer)
{
    return !layer->switches      ? "stops there"
           : bc_has_valve(layer) ? "stops there, unless it was near it"
                                 : "becomes one of the other sign";
}

/* The place of a layer among those that a phase corrects; layer_count: it does not. */
static uint32_t place_in(const bl_phase *phase, uint32_t layer)
{
    uint32_t i = 0;
    while (i < phase->layer_count && phase->layers[i] != layer)
        i++;
    return phase->kind == BT_PHASE_CORRECT ? i : phase->layer_count;
}

static const bl_phase *phase_of(const bl_program *program, uint32_t layer)
{
    for (uint32_t p = program->phase_count; p-- > 0;)
        if (place_in(&program->phases[p], layer) < program->phases[p].layer_count)
            return &program->phases[p];
    return NULL;
}

/* The device keeps no means of steps. With momentum B1, a step moves a bound by 1/(1 - B1) times its length in the end. */
float bc_learning_rate(const bc_learning *learning, uint32_t layer)
{
    const bl_phase *phase = learning->phase;
    return (float)phase->xi * (float)(phase->eta[place_in(phase, layer)] / (1 - phase->momentum));
}

const char *bc_learning_names(const bl_program *program, const bc_learning *learning, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (uint32_t i = learning->first; i < program->layer_count && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%s", used > 0 ? ", " : "", program->layers[i].name);
    return out;
}

static int check_phase(const bl_program *program, const bl_phase *phase, uint32_t first, const bc_line *lines,
                       br_error *error)
{
    for (uint32_t i = program->layer_count; i-- > first;) {
        const char *name = program->layers[i].name;
        const bc_line *line = lines ? &lines[i] : NULL;
        char cause[400];
        if (phase == NULL)
            return bc_refuse_layer(name, line,
                                   "it can't learn on a device, because no phase of the schedule corrects it",
                                   "add a phase that does", error);
        snprintf(cause, sizeof cause, "it can't learn on a device, because phase %s, which corrects %s, leaves it out",
                 phase->name, bl_last_layer(program)->name);
        if (place_in(phase, i) == phase->layer_count)
            return bc_refuse_layer(name, line, cause, "end the schedule with a phase that corrects both", error);
        if (phase->adapts)
            return bc_refuse_layer(
                name, line, "it can't learn on a device, because `adaptive` keeps two more numbers for each connection",
                "end the schedule with a phase that corrects it without `adaptive`", error);
    }
    return 0;
}

int bc_learning_find(const bl_program *program, const char *layers, const bc_line *lines, bc_learning *out,
                     br_error *error)
{
    bool named[BL_MAX_LAYERS] = {false};
    uint32_t first, last = program->layer_count - 1;
    if (find_named(program, layers, named, &first, error) != 0 || check_tail(program, named, first, lines, error) != 0)
        return -1;
    const bl_phase *phase = phase_of(program, last);
    if (check_phase(program, phase, first, lines, error) != 0)
        return -1;
    *out = (bc_learning){.phase = phase, .first = first};
    out->rate = bc_learning_rate(out, last);
    for (uint32_t i = first; i <= last; i++)
        out->thetas |= program->layers[i].theta_xi > 0;
    return 0;
}

int bc_learning_alone(const bl_program *program, const bc_learning *learning, const bc_line *lines, const char *where,
                      br_error *error)
{
    uint32_t first = learning->first;
    char cause[200], remedy[320];
    if (first + 1 == program->layer_count)
        return 0;
    snprintf(cause, sizeof cause, "it can't learn on a device %s, where only the last layer does", where);
    snprintf(remedy, sizeof remedy, "write --learn=%s", bl_last_layer(program)->name);
    return bc_refuse_layer(program->layers[first].name, lines ? &lines[first] : NULL, cause, remedy, error);
}
