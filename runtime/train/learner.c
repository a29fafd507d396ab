#include "train/learner.h"

void br_learn_barrier(const br_learner *l)
{
    if (l->members > 1)
        br_team_barrier(l->team);
}

br_part br_group_of(uint32_t n, uint32_t group)
{
    return br_part_of(n, 1, BR_GROUPS, group);
}

br_part br_groups_of(const br_learner *l, uint32_t member)
{
    return br_part_of(BR_GROUPS, 1, l->members, member);
}

br_part br_samples_of(const br_learner *l, uint32_t n, uint32_t member)
{
    br_part groups = br_groups_of(l, member);
    if (groups.from == groups.to)
        return (br_part){0, 0};
    return (br_part){br_group_of(n, groups.from).from, br_group_of(n, groups.to - 1).to};
}

uint32_t br_judge(const br_learner *l)
{
    return l->answering.layers[l->answering.count - 1];
}
