/* A team of threads that run the same function together. Each does its share between barriers. */
#ifndef BR_TEAM_H
#define BR_TEAM_H

#include "bouton/runtime.h"

typedef struct br_team br_team;

int br_team_new(uint32_t members, br_team **out, br_error *error); /* the caller is member 0 */
void br_team_free(br_team *team);
uint32_t br_team_members(const br_team *team);

/* Every member calls work(user, member). Returns when all members have finished. */
void br_team_run(br_team *team, void (*work)(void *user, uint32_t member), void *user);

/* Only inside br_team_run: waits until every member has arrived. All that they wrote before is visible to all
 * afterwards. */
void br_team_barrier(br_team *team);

#endif
