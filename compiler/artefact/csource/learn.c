#include "artefact/csource/learn.h"

#include "artefact/c_text.h"
#include "artefact/csource/learn_whole.h"
#include "artefact/csource/table.h"

int bc_learn_choose(bc_source *s, const char *name, br_error *error)
{
    if (name == NULL)
        return 0;
    if (bc_learning_find(s->program, name, s->lines, &s->learning, error) != 0)
        return -1;
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

static const char whole_members[] =
    "    uint32_t rate;     /* of a step, in 65536ths; may be changed; 0: nothing is learned */\n"
    "    int32_t bounds[%llu]; /* v = +-(1/(1 - alpha_max) - 1/(1 - alpha)) in 2^-%u, [inputs][neurons] of the layer "
    "*/\n";

static void put_type(const bc_source *s, FILE *to)
{
    const bl_layer *layer = bl_last_layer(s->program);
    unsigned long long bounds = (unsigned long long)layer->inputs * layer->neurons;
    const char *name = s->program->name;
    fputc('\n', to);
    bc_put_state_begin(name, layer->name, to);
    if (s->whole)
        fprintf(to, whole_members, bounds, bc_fixed_of(s).bound);
    else
        bc_put_state_floats(bounds, to);
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
    bc_put_state_functions(name, s->upper, to);
    bc_put_step_comment(s->upper, s->learning.phase->name, to);
    if (!s->whole)
        fprintf(to, "uint32_t %s_learn(const float *in, uint32_t label, %s_state *state, %s_scratch *scratch);\n", name,
                name, name);
    fprintf(to, "uint32_t %s_learn_u8(const uint8_t *in, uint32_t label, %s_state *state, %s_scratch *scratch);\n",
            name, name, name);
}
