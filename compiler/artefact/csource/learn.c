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
    if (s->whole && bc_learning_alone(s->program, &s->learning, s->lines, "in whole numbers", error) != 0)
        return -1;
    return s->whole ? bc_fixed_fits(s, error) : 0;
}

uint64_t bc_learn_bytes(const bc_source *s)
{
    if (s->learning.phase == NULL)
        return 0;
    uint64_t numbers = 2;
    for (uint32_t i = s->learning.first; i < s->program->layer_count; i++) {
        const bl_layer *layer = &s->program->layers[i];
        numbers += 1 + (uint64_t)layer->inputs * layer->neurons + (bc_learns_thetas(s, i) ? layer->neurons : 0);
    }
    return sizeof(float) * numbers;
}

/* ---- the header ---- */

static const char whole_members[] =
    "    uint32_t rate;     /* of a step, in 65536ths; may be changed; 0: nothing is learned */\n"
    "    int32_t bounds[%llu]; /* v = +-(1/(1 - alpha_max) - 1/(1 - alpha)) in 2^-%u, [inputs][neurons] of the layer "
    "*/\n";

static void put_several(const bc_source *s, FILE *to)
{
    uint32_t first = s->learning.first, count = s->program->layer_count;
    char names[1024];
    bc_put_state_rates(count - first, bc_learning_names(s->program, &s->learning, names, sizeof names), to);
    for (uint32_t i = first; i < count; i++) {
        const bl_layer *layer = &s->program->layers[i];
        bc_put_state_bounds(layer->name, (unsigned long long)layer->inputs * layer->neurons, to);
        if (bc_learns_thetas(s, i))
            fprintf(to, "    float %s_thetas[%u]; /* the thresholds */\n", layer->name, layer->neurons);
    }
}

static void put_type(const bc_source *s, FILE *to)
{
    const bl_layer *layer = bl_last_layer(s->program);
    unsigned long long bounds = (unsigned long long)layer->inputs * layer->neurons;
    const char *name = s->program->name;
    char names[1024];
    fputc('\n', to);
    bc_put_state_begin(name, bc_learning_names(s->program, &s->learning, names, sizeof names), to);
    if (!bc_learns_alone(s))
        put_several(s, to);
    else if (s->whole)
        fprintf(to, whole_members, bounds, bc_fixed_of(s).bound);
    else
        bc_put_state_floats(bounds, to);
    if (bc_learns_alone(s) && s->learning.thetas)
        fprintf(to, "    float thetas[%u]; /* the thresholds */\n", layer->neurons);
    fprintf(to, "} %s_state;\n", name);
}

static void put_rates(const bc_source *s, FILE *to)
{
    char rate[32];
    const char *phase = s->learning.phase->name;
    if (s->whole)
        fprintf(to, "#define %s_RATE       %uu /* of a step, in 65536ths, as in phase %s */\n", s->upper,
                bc_fixed_rate(s), phase);
    else if (bc_learns_alone(s))
        fprintf(to, "#define %s_RATE       %s /* of a step, as in phase %s */\n", s->upper,
                bc_float_text(s->learning.rate, rate), phase);
    for (uint32_t i = s->learning.first; i < s->program->layer_count && !bc_learns_alone(s); i++)
        bc_put_rate_of_several(s->upper, i - s->learning.first, bc_float_text(bc_learning_rate(&s->learning, i), rate),
                               s->program->layers[i].name, to);
}

void bc_put_state(const bc_source *s, FILE *to)
{
    if (s->learning.phase == NULL)
        return;
    fprintf(to, "\n#define %s_STATE_SIZE %lluu /* bytes of %s_state */\n", s->upper,
            (unsigned long long)bc_learn_bytes(s), s->program->name);
    put_rates(s, to);
    put_type(s, to);
}

void bc_put_learner_prototypes(const bc_source *s, FILE *to)
{
    const char *name = s->program->name;
    if (s->learning.phase == NULL)
        return;
    bc_put_state_functions(name, to);
    bc_put_step_comment(s->upper, s->learning.phase->name, to);
    if (!s->whole)
        fprintf(to, "uint32_t %s_learn(const float *in, uint32_t label, %s_state *state, %s_scratch *scratch);\n", name,
                name, name);
    fprintf(to, "uint32_t %s_learn_u8(const uint8_t *in, uint32_t label, %s_state *state, %s_scratch *scratch);\n",
            name, name, name);
}
