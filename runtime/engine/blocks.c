#include "engine/blocks.h"

#include <stdatomic.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/team.h"
#include "engine/forward.h"
#include "engine/int8.h"
#include "engine/workspace_pool.h"

#define TELL_EVERY 0.1 /* seconds */

typedef struct blocks_job {
    const br_blocks *blocks;
    br_team *team;
    br_workspace_pool pool;
    br_error *errors;    /* [members]; kind BR_OK: none */
    atomic_bool stopped; /* by the watch */
    double told;         /* seconds of the clock; only the first member reads it */
} blocks_job;

/* Work of several passes is told as one. */
static void tell_follower(blocks_job *job, uint64_t done)
{
    const br_blocks *blocks = job->blocks;
    const br_follower *follower = &blocks->network->follower;
    const br_quantised *q = blocks->quantised;
    bool passes = q && q->passes > 0;
    if (!follower->advance || br_now() - job->told < TELL_EVERY)
        return;
    job->told = br_now();
    follower->advance(follower->user, done + (passes ? q->pass * blocks->count : 0),
                      blocks->count * (passes ? q->passes : 1));
}

/* Tells that the samples before `done` are done: every member goes through them in steps of all. False: the watch stops
 * the work. */
static bool tell(blocks_job *job, uint64_t done)
{
    const br_blocks_watch *watch = job->blocks->watch;
    if (watch)
        return watch->advance(watch->user, done, job->blocks->count);
    tell_follower(job, done);
    return true;
}

static void compute_part(void *user, uint32_t member)
{
    blocks_job *job = user;
    const br_blocks *blocks = job->blocks;
    const br_workspace *workspace = job->pool.each[member];
    uint64_t block = workspace->batch, step = block * br_team_members(job->team);
    for (uint64_t first = block * member; first < blocks->count; first += step) {
        uint64_t left = blocks->count - first;
        if (member == 0 && !tell(job, first))
            job->stopped = true;
        if (job->stopped)
            return;
        uint32_t n = (uint32_t)(left < block ? left : block);
        if (blocks->compute(blocks->user, workspace, member, first, n, &job->errors[member]) != 0)
            return;
    }
}

uint32_t br_blocks_members(const br_blocks *blocks)
{
    uint32_t block = br_block_of(blocks->network->model);
    uint64_t count = (blocks->count + block - 1) / block;
    uint32_t members = blocks->threads ? blocks->threads : br_processors();
    return members <= count ? members : count ? (uint32_t)count : 1;
}

int br_blocks_run(const br_blocks *blocks, br_error *error)
{
    blocks_job job = {.blocks = blocks, .told = br_now() - TELL_EVERY}; /* the first block tells */
    uint32_t members = br_blocks_members(blocks);
    job.errors = br_new(members, sizeof *job.errors, error);
    int status = job.errors ? 0 : -1;
    if (status == 0)
        status = br_workspace_pool_new(blocks->network, members, br_block_of(blocks->network->model), &job.pool, error);
    if (status == 0)
        status = br_team_new(members, &job.team, error);
    for (uint32_t i = 0; status == 0 && blocks->quantised && i < members; i++)
        status = br_work_int8(job.pool.each[i], blocks->quantised, error);
    if (status == 0)
        br_team_run(job.team, compute_part, &job);
    for (uint32_t i = 0; status == 0 && i < members; i++)
        if (job.errors[i].kind != BR_OK) {
            *error = job.errors[i];
            status = -1;
        }
    if (status == 0 && job.stopped)
        status = 1;
    br_workspace_pool_free(&job.pool);
    br_team_free(job.team);
    br_release(job.errors);
    return status;
}
