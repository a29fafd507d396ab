/* An epoch's batches: samples are gathered, learned from and measured, by all members of the team or by one. */
#include "train/epoch.h"

#include "base/clock.h"
#include "engine/faults.h"
#include "train/present.h"
#include "train/rates.h"

enum { TURN = 64 }; /* batches between two choices of the way in which they are computed */

static void after_batch(br_epoch *e, uint32_t n)
{
    double seconds = br_now() - e->begin;
    e->done += n;
    br_present_measure(&e->learner, n, &e->right, &e->error_sum);
    br_present_tell(e, seconds, e->done, &(br_tally){e->done, e->right, e->error_sum, 0});
    bool sound = br_check_faults(e->learner.workspace, 0, n, &e->fault) == 0;
    e->stop = !sound || e->refused || seconds >= e->pause_at;
}

static void run_batch(br_epoch *e, uint32_t member, uint64_t first)
{
    uint32_t n = br_present_count(e, first);
    if (br_rates_vary(e->phase) || e->numbered) { /* all members are behind the last batch and before this one's use */
        if (member == 0)
            br_present_rates(e, &e->learner, first);
        if (e->learner.members > 1)
            br_team_barrier(e->learner.team);
    }
    br_present(e, &e->learner, member, member, first, n);
    br_learn_part(&e->learner, member, n);
    if (member == 0)
        after_batch(e, n);
    if (e->learner.members > 1)
        br_team_barrier(e->learner.team);
}

/* ---- stages side by side ---- */

static void run_stage(void *user, uint32_t stage, uint64_t batch)
{
    br_epoch *e = user;
    br_stage *own = &e->stages.each[stage];
    uint64_t first = e->turn_first + batch * e->phase->batch;
    uint32_t n = br_present_count(e, first);
    br_present_rates(e, &own->learner, first);
    br_stage_take(own, batch);
    if (stage == 0)
        br_present(e, &own->learner, 0, 0, first, n);
    for (uint32_t i = 0; stage > 0 && i < n; i++)
        br_present_jitter(e, &own->learner, i, e->order[first + i]);
    br_learn_part(&own->learner, 0, n);
    if (stage + 1 < e->stages.count)
        br_stage_hand_over(own, own + 1, batch, n);
}

/* The uppermost stage has the answers. Member 0 reports. */
static bool after_stage(void *user, uint32_t member, uint32_t stage, uint64_t batch)
{
    br_epoch *e = user;
    uint32_t n = br_present_count(e, e->turn_first + batch * e->phase->batch);
    double seconds = br_now() - e->begin;
    if (stage + 1 == e->stages.count) {
        e->done += n;
        br_present_measure(&e->learner, n, &e->right, &e->error_sum);
    }
    if (member == 0 && e->done > 0)
        br_present_tell(e, seconds, e->done, &(br_tally){e->done, e->right, e->error_sum, 0});
    if (e->fault.kind == BR_OK && br_check_faults(&e->stages.each[stage].workspace, 0, n, &e->fault) != 0)
        e->stop = true;
    e->stop = e->stop || e->refused || seconds >= e->pause_at;
    return e->stop;
}

int br_epoch_begin(br_epoch *e, br_error *error)
{
    if (br_stages_new(&e->learner, &e->stages, error) != 0)
        return -1;
    if (e->stages.count == 0)
        return 0;
    e->pipeline = (br_pipeline){
        .stages = e->stages.count, .slots = BR_STAGE_SLOTS, .run = run_stage, .after = after_stage, .user = e};
    return br_pipeline_begin(&e->pipeline, error);
}

void br_epoch_end(br_epoch *e)
{
    br_pipeline_end(&e->pipeline);
    br_stages_free(&e->stages);
}

/* ---- turns ---- */

/* The way of the turn that begins with sample `first`, and what its members read. */
static void begin_turn(br_epoch *e, uint64_t first, uint64_t end)
{
    uint32_t members = br_team_members(e->learner.team);
    e->way = members > 1 ? br_pace_next(&e->pace, e->stages.count > 0) : BR_WAY_ALONE;
    e->learner.members = e->way == BR_WAY_TOGETHER ? members : 1;
    e->turn_first = first;
    if (e->way == BR_WAY_STAGES)
        br_pipeline_fill(&e->pipeline, br_batches_of(e->phase, end - first));
    else
        br_present_rates(e, &e->learner, first);
}

/* Runs the epoch in turns of several batches, each in the way that the pace chooses. Members that take no part sleep.
 * Member 0 writes `way`, `done`, `stop` and `members` before a barrier; the others read them after it. */
static void walk_part(void *user, uint32_t member)
{
    br_epoch *e = user;
    br_team *team = e->learner.team;
    uint64_t count = e->gather.samples->count, turn = (uint64_t)e->phase->batch * TURN;
    for (uint64_t first = e->done; first < count && !e->stop; first += turn) {
        double begin = br_now();
        uint64_t end = first + turn < count ? first + turn : count;
        if (member == 0)
            begin_turn(e, first, end);
        br_team_barrier(team);
        if (e->way == BR_WAY_STAGES)
            br_pipeline_walk(&e->pipeline, member);
        else
            for (uint64_t at = first; member < e->learner.members && at < end && !e->stop; at += e->phase->batch)
                run_batch(e, member, at);
        if (member == 0)
            br_pace_took(&e->pace, e->way, (br_now() - begin) / (double)(end - first));
        br_team_barrier(team);
    }
}

void br_epoch_walk(br_epoch *epoch)
{
    epoch->stop = false;
    br_team_run(epoch->learner.team, walk_part, epoch);
}
