/* A team of threads. Barriers spin for a while, since a batch takes a hundred microseconds, then give the processor up,
 * so that a machine with fewer processors than members still gets on. */
#include "team.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#include "memory.h"

enum { SPINS = 4000 };

typedef struct member {
    br_team *team;
    uint32_t index;
    pthread_t thread;
} member;

struct br_team {
    uint32_t count;   /* members, the caller included */
    uint32_t started; /* threads running */
    member *members;
    atomic_uint arrived, round; /* of the barrier */
    pthread_mutex_t lock;
    pthread_cond_t wake;
    uint64_t job; /* number of the current run, under lock */
    bool over;
    void (*work)(void *user, uint32_t member);
    void *user;
};

uint32_t br_processors(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    int count = CPU_COUNT(&set);
    return count > 0 ? (uint32_t)count : 1;
}

uint32_t br_team_members(const br_team *team)
{
    return team->count;
}

static void pause_once(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

void br_team_barrier(br_team *team)
{
    if (team->count == 1)
        return;
    unsigned round = atomic_load_explicit(&team->round, memory_order_acquire);
    if (atomic_fetch_add_explicit(&team->arrived, 1, memory_order_acq_rel) + 1 == team->count) {
        atomic_store_explicit(&team->arrived, 0, memory_order_relaxed);
        atomic_store_explicit(&team->round, round + 1, memory_order_release);
        return;
    }
    for (unsigned spins = 0; atomic_load_explicit(&team->round, memory_order_acquire) == round; spins++) {
        if (spins < SPINS)
            pause_once();
        else
            sched_yield();
    }
}

static void *member_main(void *argument)
{
    member *self = argument;
    br_team *team = self->team;
    uint64_t seen = 0;
    for (;;) {
        pthread_mutex_lock(&team->lock);
        while (team->job == seen && !team->over)
            pthread_cond_wait(&team->wake, &team->lock);
        bool over = team->over;
        seen = team->job;
        pthread_mutex_unlock(&team->lock);
        if (over)
            return NULL;
        team->work(team->user, self->index);
        br_team_barrier(team);
    }
}

int br_team_new(uint32_t members, br_team **out, br_error *error)
{
    br_team *team = br_new(1, sizeof *team, error);
    if (!team)
        return -1;
    team->count = members;
    team->members = br_new(members, sizeof *team->members, error);
    if (!team->members) {
        br_release(team);
        return -1;
    }
    pthread_mutex_init(&team->lock, NULL);
    pthread_cond_init(&team->wake, NULL);
    for (uint32_t i = 1; i < members; i++) {
        team->members[i] = (member){.team = team, .index = i};
        int failed = pthread_create(&team->members[i].thread, NULL, member_main, &team->members[i]);
        if (failed) {
            br_fail(error, BR_ERROR_FAULT, "thread %u of %u did not start: %s; use fewer --threads", i + 1, members,
                    strerror(failed));
            br_team_free(team);
            return -1;
        }
        team->started = i;
    }
    *out = team;
    return 0;
}

void br_team_free(br_team *team)
{
    if (!team)
        return;
    pthread_mutex_lock(&team->lock);
    team->over = true;
    pthread_cond_broadcast(&team->wake);
    pthread_mutex_unlock(&team->lock);
    for (uint32_t i = 1; i <= team->started; i++)
        pthread_join(team->members[i].thread, NULL);
    pthread_cond_destroy(&team->wake);
    pthread_mutex_destroy(&team->lock);
    br_release(team->members);
    br_release(team);
}

void br_team_run(br_team *team, void (*work)(void *user, uint32_t member), void *user)
{
    pthread_mutex_lock(&team->lock);
    team->work = work;
    team->user = user;
    team->job++;
    pthread_cond_broadcast(&team->wake);
    pthread_mutex_unlock(&team->lock);
    work(user, 0);
    br_team_barrier(team);
}

br_part br_part_of(uint32_t n, uint32_t unit, uint32_t members, uint32_t member)
{
    uint64_t units = ((uint64_t)n + unit - 1) / unit;
    uint64_t from = units * member / members * unit, to = units * (member + 1) / members * unit;
    return (br_part){(uint32_t)(from < n ? from : n), (uint32_t)(to < n ? to : n)};
}
