#include "train/rounds.h"

#include <stdatomic.h>
#include <string.h>

#include "base/clock.h"
#include "engine/faults.h"
#include "train/rates.h"

/* What the members share during a walk. Member 0 writes the plain fields before a barrier, the others read them after
 * it. */
typedef struct rounds {
    br_epoch *epoch;
    uint64_t first, end; /* batches of the round */
    uint32_t active;     /* replicas that have any */
    bool merges;         /* the round is whole */
    double learned;      /* seconds when its batches were done */
    atomic_uint next;    /* the first replica of this rank that no member has taken */
    atomic_bool leaves;  /* a member leaves the round */
    atomic_ullong done;  /* samples of the round that this rank has learned from */
} rounds;

/* ---- one replica ---- */

/* Member 0 tells of the samples that all have learned from, and measures them by the merged ones and those of the
 * replica that it runs. */
static void tell(rounds *r, const br_tally *own)
{
    br_epoch *e = r->epoch;
    const br_replicas *replicas = &e->replicas;
    uint64_t learned = atomic_load(&r->done) * replicas->count / (replicas->own.to - replicas->own.from);
    br_tally so_far = {e->done + own->done, e->right + own->right, e->error_sum + own->error_sum, 0};
    uint64_t shown = e->done + learned < e->progress.total ? e->done + learned : e->progress.total;
    br_present_tell(e, br_now() - e->begin, shown, &so_far);
    if (e->refused)
        atomic_store(&r->leaves, true);
}

static void learn_batch(rounds *r, br_replica *one, br_tally *tally, uint32_t member, uint64_t batch)
{
    br_epoch *e = r->epoch;
    br_learner *learner = &one->learner;
    uint64_t first = batch * e->phase->batch;
    uint32_t n = br_present_count(e, first);
    br_present_rates(e, learner, first);
    br_present(e, learner, 0, member, first, n);
    br_learn_part(learner, 0, n);
    br_present_measure(learner, n, &tally->right, &tally->error_sum);
    tally->done += n;
    atomic_fetch_add(&r->done, n);
    if (br_check_faults(learner->workspace, 0, n, &one->fault) != 0) {
        tally->state = BR_TALLY_FAULT;
        atomic_store(&r->leaves, true);
    }
}

static void learn_replica(rounds *r, uint32_t own, uint32_t member)
{
    br_replicas *replicas = &r->epoch->replicas;
    uint32_t number = replicas->own.from + own;
    br_tally *tally = &replicas->tallies[number];
    *tally = (br_tally){0};
    if (r->first + number < r->end)
        br_replica_begin(replicas, own);
    for (uint64_t batch = r->first + number; batch < r->end; batch += replicas->count) {
        if (atomic_load(&r->leaves)) {
            tally->state = tally->state == BR_TALLY_WHOLE ? BR_TALLY_LEFT : tally->state;
            return;
        }
        learn_batch(r, &replicas->each[own], tally, member, batch);
        if (member == 0)
            tell(r, tally);
    }
    br_replica_end(replicas, own);
}

/* ---- one round, by member 0 ---- */

static void begin_round(rounds *r)
{
    const br_epoch *e = r->epoch;
    uint64_t all = br_batches_of(e->phase, e->gather.samples->count);
    uint64_t batches = (uint64_t)e->replicas.count * e->phase->merge;
    r->first = e->done / e->phase->batch;
    r->end = all - r->first < batches ? all : r->first + batches;
    r->active = r->end - r->first < e->replicas.count ? (uint32_t)(r->end - r->first) : e->replicas.count;
    r->merges = false;
    atomic_store(&r->next, 0);
    atomic_store(&r->done, 0);
    atomic_store(&r->leaves, false);
}

/* Every rank learns what the replicas of the others counted, and whether one of them left the round. */
static int gather_tallies(br_replicas *replicas, br_error *error)
{
    const br_ranks *ranks = replicas->ranks;
    if (!ranks)
        return 0;
    for (uint32_t q = 0; q < ranks->size; q++) {
        br_part theirs = br_part_of(replicas->count, 1, ranks->size, q);
        replicas->take_bytes[q] = (theirs.to - theirs.from) * sizeof *replicas->tallies;
    }
    return ranks->gather(ranks->user, replicas->tallies, replicas->take_bytes, error);
}

/* The fault of the first replica that has one, which only its rank knows. */
static int gather_fault(br_epoch *e, uint32_t number)
{
    br_replicas *replicas = &e->replicas;
    const br_ranks *ranks = replicas->ranks;
    bool mine = number >= replicas->own.from && number < replicas->own.to;
    br_error fault = {0}, lost;
    if (mine)
        fault = replicas->each[number - replicas->own.from].fault;
    for (uint32_t q = 0; ranks && q < ranks->size; q++) {
        br_part theirs = br_part_of(replicas->count, 1, ranks->size, q);
        replicas->take_bytes[q] = number >= theirs.from && number < theirs.to ? sizeof fault : 0;
    }
    int status = ranks ? ranks->gather(ranks->user, &fault, replicas->take_bytes, &lost) : 0;
    e->fault = status == 0 ? fault : lost;
    return status;
}

/* Whether the round is whole on all ranks. */
static bool whole(rounds *r)
{
    br_epoch *e = r->epoch;
    br_replicas *replicas = &e->replicas;
    br_tally *told = &replicas->tallies[replicas->own.from];
    bool is_whole = true;
    if (e->refused && told->state == BR_TALLY_WHOLE) /* behind the last batch of the round */
        told->state = BR_TALLY_LEFT;
    if (gather_tallies(replicas, &e->fault) != 0)
        return false;
    for (uint32_t i = 0; i < replicas->count; i++) {
        if (replicas->tallies[i].state == BR_TALLY_FAULT) {
            gather_fault(e, i);
            return false;
        }
        is_whole = is_whole && replicas->tallies[i].state == BR_TALLY_WHOLE;
    }
    e->refused = e->refused || !is_whole;
    return is_whole;
}

static void close_round(rounds *r)
{
    br_epoch *e = r->epoch;
    r->learned = br_now();
    r->merges = whole(r) && br_replicas_exchange(&e->replicas, &e->fault) == 0;
    e->exchange_seconds += e->replicas.ranks ? br_now() - r->learned : 0;
    e->stop = !r->merges;
}

/* The sums are added in the order of the replicas. */
static void end_round(rounds *r)
{
    br_epoch *e = r->epoch;
    for (uint32_t i = 0; i < e->replicas.count; i++) {
        const br_tally *tally = &e->replicas.tallies[i];
        e->done += tally->done;
        e->right += tally->right;
        e->error_sum += tally->error_sum;
    }
    double now = br_now();
    e->merges++;
    e->merge_seconds += now - r->learned;
    e->stop = now - e->begin >= e->pause_at;
}

/* ---- the walk ---- */

/* The members merge the round. With ranks, each rank merges a slice of the values, and then all get all slices. */
static void merge_round(rounds *r, uint32_t member)
{
    br_epoch *e = r->epoch;
    br_team *team = e->learner.team;
    uint32_t members = br_team_members(team);
    br_replicas_merge(&e->replicas, r->active, members, member);
    br_team_barrier(team);
    if (member == 0) {
        double begin = br_now();
        e->stop = br_replicas_gather(&e->replicas, &e->fault) != 0;
        e->exchange_seconds += e->replicas.ranks ? br_now() - begin : 0;
        r->merges = !e->stop;
    }
    br_team_barrier(team);
    if (r->merges)
        br_replicas_take(&e->replicas, members, member);
}

static void walk_part(void *user, uint32_t member)
{
    rounds *r = user;
    br_epoch *e = r->epoch;
    br_team *team = e->learner.team;
    uint64_t count = e->gather.samples->count;
    uint32_t own = e->replicas.own.to - e->replicas.own.from;
    while (e->done < count && !e->stop) {
        if (member == 0)
            begin_round(r);
        br_team_barrier(team);
        for (uint32_t i; (i = atomic_fetch_add(&r->next, 1)) < own;)
            learn_replica(r, i, member);
        br_team_barrier(team);
        if (member == 0)
            close_round(r);
        br_team_barrier(team);
        if (r->merges)
            merge_round(r, member);
        br_team_barrier(team);
        if (member == 0 && r->merges)
            end_round(r);
        br_team_barrier(team);
    }
}

void br_rounds_walk(br_epoch *e)
{
    rounds r = {.epoch = e};
    e->stop = false;
    br_team_run(e->learner.team, walk_part, &r);
}
