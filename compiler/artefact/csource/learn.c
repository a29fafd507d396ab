#include "artefact/csource/learn.h"

#include <string.h>

#include "artefact/csource/fits.h"
#include "artefact/csource/learn_whole.h"
#include "artefact/csource/table.h"

/* ---- what can learn ---- */

/* The readouts of a text follow its layers, and are no layers of the trained network. */
static int refuse_name(const bc_source *s, const char *name, br_error *error)
{
    const bl_program *program = s->program;
    for (uint32_t i = program->layer_count; i < program->layer_count + program->readout_layers; i++)
        if (strcmp(program->layers[i].name, name) == 0)
            return br_fail(error, BR_ERROR_CHECK,
                           "--learn=%s: it is a readout, which no answer depends on; name the last layer, %s", name,
                           bl_last_layer(program)->name);
    return br_fail(error, BR_ERROR_CHECK, "--learn=%s: network %s has no layer of this name; name the last layer, %s",
                   name, program->name, bl_last_layer(program)->name);
}

static int check_layer(const bc_source *s, uint32_t index, br_error *error)
{
    const bl_program *program = s->program;
    const bl_layer *layer = &program->layers[index];
    if (index + 1 < program->layer_count) {
        char remedy[320];
        snprintf(remedy, sizeof remedy, "write --learn=%s", bl_last_layer(program)->name);
        return bc_refuse(s, index, "it can't learn on a device, where only the last layer has errors", remedy, error);
    }
    if (program->rule == BT_RULE_PRINTED)
        return bc_refuse(s, index, "it can't learn on a device by `rule printed`", "use `rule repaired`", error);
    if (layer->depress_count > 0)
        return bc_refuse(s, index, "it can't learn on a device, because its neurons depress each other",
                         "leave `depress` out of the last layer", error);
    if (layer->frozen)
        return bc_refuse(s, index, "it can't learn on a device, because it is frozen", "leave `alpha frozen` out",
                         error);
    return 0;
}

/* ---- what it learns by ---- */

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

int bc_learn_choose(bc_source *s, const char *name, br_error *error)
{
    const bl_program *program = s->program;
    uint32_t index = 0;
    double eta = 0;
    if (name == NULL)
        return 0;
    while (index < program->layer_count && strcmp(program->layers[index].name, name) != 0)
        index++;
    if (index == program->layer_count)
        return refuse_name(s, name, error);
    if (check_layer(s, index, error) != 0)
        return -1;
    s->learning.phase = phase_of(program, index, &eta);
    if (s->learning.phase == NULL)
        return bc_refuse(s, index, "it can't learn on a device, because no phase of the schedule corrects it",
                         "add a phase that does", error);
    if (s->learning.phase->adapts)
        return bc_refuse(s, index,
                         "it can't learn on a device, because `adaptive` keeps two more numbers for each connection",
                         "end the schedule with a phase that corrects it without `adaptive`", error);
    s->learning.rate = rate_of(s->learning.phase, eta);
    s->learning.thetas = program->layers[index].theta_xi > 0;
    return s->whole ? bc_fixed_fits(s, error) : 0;
}

uint64_t bc_learn_bytes(const bc_source *s)
{
    const bl_layer *layer = bl_last_layer(s->program);
    if (s->learning.phase == NULL)
        return 0;
    uint64_t numbers = 3 + (uint64_t)layer->inputs * layer->neurons;
    return sizeof(float) * (numbers + (s->learning.thetas ? layer->neurons : 0));
}

/* ---- the header ---- */

static const char float_members[] =
    "    float rate;        /* of a step; may be changed, to 1e6; 0: nothing is learned */\n"
    "    float bounds[%llu]; /* v = +-(1/(1 - alpha_max) - 1/(1 - alpha)), [inputs][neurons] of the layer */\n";

static const char whole_members[] =
    "    uint32_t rate;     /* of a step, in 65536ths; may be changed; 0: nothing is learned */\n"
    "    int32_t bounds[%llu]; /* v = +-(1/(1 - alpha_max) - 1/(1 - alpha)) in 2^-%u, [inputs][neurons] of the layer "
    "*/\n";

static void put_type(const bc_source *s, FILE *to)
{
    const bl_layer *layer = bl_last_layer(s->program);
    unsigned long long bounds = (unsigned long long)layer->inputs * layer->neurons;
    const char *name = s->program->name;
    fprintf(
        to,
        "\n/* What learning moves: layer %s. It holds no pointers and no gaps, so its bytes may be kept and be taken\n"
        " * back, on a machine with the same order of bytes; ask %s_state_fits then. */\n"
        "typedef struct %s_state {\n"
        "    uint32_t model[2]; /* the model that it began from */\n",
        layer->name, name, name);
    if (s->whole)
        fprintf(to, whole_members, bounds, bc_fixed_of(s).bound);
    else
        fprintf(to, float_members, bounds);
    if (s->learning.thetas)
        fprintf(to, "    float thetas[%u]; /* the thresholds */\n", layer->neurons);
    fprintf(to, "} %s_state;\n", name);
}

void bc_put_state(const bc_source *s, FILE *to)
{
    char rate[32];
    if (s->learning.phase == NULL)
        return;
    fprintf(to, "\n#define %s_STATE_SIZE %lluu /* bytes of %s_state */\n", s->upper,
            (unsigned long long)bc_learn_bytes(s), s->program->name);
    if (s->whole)
        fprintf(to, "#define %s_RATE       %uu /* of a step, in 65536ths, as in phase %s */\n", s->upper,
                bc_fixed_rate(s), s->learning.phase->name);
    else
        fprintf(to, "#define %s_RATE       %s /* of a step, as in phase %s */\n", s->upper,
                bc_float_text(s->learning.rate, rate), s->learning.phase->name);
    put_type(s, to);
}

void bc_put_learner_prototypes(const bc_source *s, FILE *to)
{
    const char *name = s->program->name;
    if (s->learning.phase == NULL)
        return;
    fprintf(to,
            "\n/* The state that training left, with the rate %s_RATE. */\n"
            "void %s_state_begin(%s_state *state);\n"
            "\n/* 1: the state is of this model, and every number is within its bounds. 0: begin another one. */\n"
            "int %s_state_fits(const %s_state *state);\n",
            s->upper, name, name, name, name);
    fprintf(
        to,
        "\n/* Answers as %s_predict%s does, and then corrects the layer towards `label`: one step by the rule of "
        "phase\n"
        " * %s of the training. A label of %s_LABELS or more teaches nothing. Calls at the same time need states and\n"
        " * scratches of their own. */\n",
        name, s->whole ? "_u8" : "", s->learning.phase->name, s->upper);
    if (!s->whole)
        fprintf(to, "uint32_t %s_learn(const float *in, uint32_t label, %s_state *state, %s_scratch *scratch);\n", name,
                name, name);
    fprintf(to, "uint32_t %s_learn_u8(const uint8_t *in, uint32_t label, %s_state *state, %s_scratch *scratch);\n",
            name, name, name);
}
