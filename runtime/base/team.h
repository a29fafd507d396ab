/* A team of threads that walk through the same program together, each doing its part between barriers. */
#ifndef BR_TEAM_H
#define BR_TEAM_H

#include "bouton/runtime.h"

typedef struct br_team br_team;

int br_team_new(uint32_t members, br_team **out, br_error *error); /* the caller is member 0 */
void br_team_free(br_team *team);
uint32_t br_team_members(const br_team *team);

/* Every member calls work(user, member); returns when all have. */
void br_team_run(br_team *team, void (*work)(void *user, uint32_t member), void *user);

/* Inside br_team_run: waits until every member is here. What they wrote before is seen by all after. */
void br_team_barrier(br_team *team);

#endif
