/* Repeated measurements, and the peak rate for comparison. */
#include "bench/timing.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"

#define LEAST_SECONDS 100e-6 /* of one measurement: a faster kernel is called several times */
#define CALLS_MOST    100000u

/* One measurement: all members make `calls` calls, and member 0 takes the time. For a single thread, the time is the
 * processor time it uses, which is less affected by other programs. For several threads, which wait for each other, it
 * is the elapsed time. */
typedef struct round {
    br_team *team;
    const br_timed *thing;
    uint32_t calls;
    double seconds;
} round;

static double now(const round *r)
{
    return br_team_members(r->team) == 1 ? br_thread_now() : br_now();
}

static void round_work(void *user, uint32_t member)
{
    round *r = user;
    br_team_barrier(r->team);
    double begin = now(r);
    for (uint32_t i = 0; i < r->calls; i++) {
        r->thing->workspace(r->thing->user, member);
        br_team_barrier(r->team);
    }
    if (member == 0)
        r->seconds = (now(r) - begin) / r->calls;
}

static double measure_once(br_team *team, const br_timed *thing, uint32_t calls)
{
    round r = {team, thing, calls, 0};
    br_team_run(team, round_work, &r);
    return r.seconds;
}

/* The number of calls in a measurement. The first call only warms up. */
static uint32_t calls_for(br_team *team, const br_timed *thing)
{
    measure_once(team, thing, 1);
    double seconds = measure_once(team, thing, 1);
    double calls = seconds > 0 ? LEAST_SECONDS / seconds + 1 : CALLS_MOST;
    return calls < CALLS_MOST ? (uint32_t)calls : CALLS_MOST;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void summarise(double *seconds, uint32_t repeat, br_timing *out)
{
    qsort(seconds, repeat, sizeof *seconds, ascending);
    out->least = seconds[0];
    out->lower = seconds[repeat / 4];
    out->median = seconds[repeat / 2];
    out->upper = seconds[repeat - 1 - repeat / 4];
    out->most = seconds[repeat - 1];
}

int br_measure(br_team *team, const br_timed *things, uint32_t count, uint32_t repeat, br_timing *out, br_error *error)
{
    if (repeat < 1 || repeat > BR_REPEATS_MOST)
        return br_fail(error, BR_ERROR_USAGE, "%u repeats; the number must be from 1 to %u", repeat, BR_REPEATS_MOST);
    double *seconds = br_new((uint64_t)repeat * count, sizeof *seconds, error);
    uint32_t *calls = seconds ? br_new(count, sizeof *calls, error) : NULL;
    if (calls) {
        for (uint32_t i = 0; i < count; i++)
            calls[i] = calls_for(team, &things[i]);
        for (uint32_t r = 0; r < repeat; r++)
            for (uint32_t i = 0; i < count; i++)
                seconds[(uint64_t)i * repeat + r] = measure_once(team, &things[i], calls[i]);
        for (uint32_t i = 0; i < count; i++)
            summarise(seconds + (uint64_t)i * repeat, repeat, &out[i]);
    }
    br_release(calls);
    br_release(seconds);
    return calls ? 0 : -1;
}

/* ---- the peak rate ---- */

enum { PEAK_ROUNDS = 20000 };

typedef struct peak_job {
    br_kernel *kernel;
    float *values; /* [members][floats] */
    uint32_t floats;
} peak_job;

static void peak_work(void *user, uint32_t member)
{
    const peak_job *job = user;
    br_layer_state state = {.out = job->values + (uint64_t)member * job->floats};
    job->kernel(&state, 0, PEAK_ROUNDS, 0, 0);
}

int br_time_peak(br_kernel *kernel, uint32_t floats, const br_timing_options *options, double *rate, br_error *error)
{
    br_team *team;
    br_timing timing = {0};
    peak_job job = {.kernel = kernel, .floats = floats};
    if (br_team_new(options->threads, &team, error) != 0)
        return -1;
    job.values = br_new_aligned((uint64_t)options->threads * floats, sizeof(float), error);
    br_timed thing = {peak_work, &job};
    int status = job.values ? br_measure(team, &thing, 1, options->repeat, &timing, error) : -1;
    if (status == 0)
        *rate = (double)PEAK_ROUNDS * floats * options->threads / timing.median;
    br_release(job.values);
    br_team_free(team);
    return status;
}
