#include "artefact/csource/learners.h"

#include <stdio.h>

bc_learner_names bc_learner_names_of(const bc_source *s, uint32_t index)
{
    bc_learner_names names = {"", ""};
    if (bc_learns_alone(s))
        return names;
    snprintf(names.member, sizeof names.member, "%s_", s->program->layers[index].name);
    snprintf(names.function, sizeof names.function, "_%u", index + 1); /* no other name ends with a number */
    return names;
}

uint32_t bc_errors_at(const bc_source *s, uint32_t index)
{
    uint32_t at = 0;
    for (uint32_t i = s->program->layer_count; i-- > index + 1;)
        at += s->program->layers[i].neurons;
    return at;
}

uint32_t bc_errors_count(const bc_source *s)
{
    return bc_errors_at(s, s->learning.first) + s->program->layers[s->learning.first].neurons;
}
