/* A team of threads. A barrier first spins, because a batch takes only about a hundred microseconds. Then it sleeps, so
 * that the team makes progress on a busy machine, or on one with fewer processors than members. It does not yield: a
 * thread that yields goes to the end of its processor's queue and loses a whole time slice, whereas a sleeping thread
 * runs as soon as it is woken. */
#include "base/team.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/memory.h"

enum {
    SPINS = 1000
}; /* about ten microseconds: more than the members' shares differ, less than a scheduler keeps a thread waiting */

typedef struct member {
    br_team *team;
    uint32_t index;
    pthread_t thread;
} member;

struct br_team {
    uint32_t count;   /* members, including the caller */
    uint32_t started; /* running threads */
    member *members;
    atomic_uint arrived, round; /* of the barrier */
    atomic_uint sleepers;
    cpu_set_t allowed; /* processors that the caller may use */
    pthread_mutex_t lock;
    pthread_cond_t wake;
    uint64_t job; /* number of the current run; protected by the lock */
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
        atomic_store(&team->round, round + 1);
        if (atomic_load(&team->sleepers))
            syscall(SYS_futex, &team->round, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
        return;
    }
    for (unsigned spins = 0; spins < SPINS; spins++) {
        if (atomic_load_explicit(&team->round, memory_order_acquire) != round)
            return;
        pause_once();
    }
    /* Either the last member to arrive sees this sleeper, or it has already changed `round` and the kernel returns at
     * once. */
    atomic_fetch_add(&team->sleepers, 1);
    while (atomic_load(&team->round) == round)
        syscall(SYS_futex, &team->round, FUTEX_WAIT_PRIVATE, round, NULL, NULL, 0);
    atomic_fetch_sub(&team->sleepers, 1);
}

/* In a team as large as the machine, each member is bound to one processor. Otherwise, two members that wake each other
 * would end up on the same processor and wait for each other there. The members of a smaller team, and a caller alone,
 * stay free to move to an idle processor. */
static void take_processor(const br_team *team, uint32_t index)
{
    cpu_set_t mine;
    if (team->count == 1 || team->count != (uint32_t)CPU_COUNT(&team->allowed))
        return;
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &team->allowed) || index-- > 0)
            continue;
        CPU_ZERO(&mine);
        CPU_SET(cpu, &mine);
        pthread_setaffinity_np(pthread_self(), sizeof mine, &mine);
        return;
    }
}

static void *member_main(void *argument)
{
    member *self = argument;
    take_processor(self->team, self->index);
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
    CPU_ZERO(&team->allowed);
    pthread_getaffinity_np(pthread_self(), sizeof team->allowed, &team->allowed);
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
