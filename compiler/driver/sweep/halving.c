#include "sweep/halving.h"

#include <stdlib.h>

#include "sweep/pool.h"
#include "sweep/statistics.h"

/* A pause before this share of the schedule would compare networks that have hardly begun. */
enum { HALVINGS_MOST = 6 };

static uint32_t halvings_of(size_t rows)
{
    uint32_t count = 0;
    while (count < HALVINGS_MOST && (size_t)2 << count <= rows)
        count++;
    return count;
}

/* Finds the runs of a step: those of rows that are still trained, unless they are finished or were paused there before. A
 * run that an earlier sweep has finished counts with its final accuracy. */
static void begin_step(sweep *s, const bool *stays, double until)
{
    for (size_t i = 0; i < s->run_count; i++) {
        sweep_run *run = &s->runs[i];
        if (!stays[run->row] || run->state == RUN_DONE)
            continue;
        bool paused = until < 1 && run_paused_at(s, run, until, &run->paused_at);
        run->state = paused ? RUN_PAUSED : RUN_WAITS;
    }
}

/* Whether a row is better than another one; of equals, the first. */
static bool is_better(const sweep *s, size_t row, size_t other)
{
    double a = mean_of(s, row, BT_SPLIT_VALIDATION).mean, b = mean_of(s, other, BT_SPLIT_VALIDATION).mean;
    return a > b || (a == b && row < other);
}

/* Whether every run of a row is trained to its end. */
static bool all_done(const sweep *s, size_t row)
{
    bool done = true;
    for (size_t seed = 0; seed < s->grid.seed_count; seed++)
        done = done && run_of(s, row, seed)->state == RUN_DONE;
    return done;
}

/* Leaves the worse half of the rows, the smaller one if their number is odd. */
static void end_step(sweep *s, bool *stays, const bool *stayed, double until)
{
    size_t count = 0;
    for (size_t row = 0; row < s->grid.row_count; row++)
        count += stayed[row];
    for (size_t row = 0; row < s->grid.row_count; row++) {
        size_t better = 0;
        for (size_t other = 0; other < s->grid.row_count; other++)
            better += stayed[other] && other != row && is_better(s, other, row);
        stays[row] = stayed[row] && better < (count + 1) / 2;
        if (stayed[row] && !stays[row])
            s->rows[row].trained = all_done(s, row) ? 1 : run_share_until(s, row, until);
    }
}

static int check_step(const sweep *s, const bool *stays)
{
    for (size_t i = 0; i < s->run_count; i++)
        if (stays[s->runs[i].row] && s->runs[i].state != RUN_DONE && s->runs[i].state != RUN_PAUSED)
            return fail(
                s->cli, STATUS_FAILED,
                "Halving can't go on, because runs of this step are missing; run the command again when no other "
                "process is training them");
    return STATUS_DONE;
}

static int run_steps(sweep *s, bool *stays, bool *stayed)
{
    uint32_t halvings = halvings_of(s->grid.row_count);
    int status = STATUS_DONE;
    for (uint32_t step = 0; step <= halvings && status == STATUS_DONE; step++) {
        run_aim aim = {.until = 1.0 / (double)(1u << (halvings - step)), .scores_test = false};
        begin_step(s, stays, aim.until);
        status = pool_train(s, &aim);
        if (status == STATUS_DONE)
            status = check_step(s, stays);
        if (status != STATUS_DONE || step == halvings)
            continue;
        for (size_t row = 0; row < s->grid.row_count; row++)
            stayed[row] = stays[row];
        end_step(s, stays, stayed, aim.until);
    }
    return status;
}

int halving_train(sweep *s)
{
    bool *stays = allocate(s->cli, s->grid.row_count, sizeof *stays);
    bool *stayed = allocate(s->cli, s->grid.row_count, sizeof *stayed);
    int status = STATUS_FAULT;
    for (size_t row = 0; stays != NULL && row < s->grid.row_count; row++)
        stays[row] = true;
    if (stays != NULL && stayed != NULL) {
        s->halved = s->grid.row_count > 1;
        status = run_steps(s, stays, stayed);
    }
    free(stays);
    free(stayed);
    return status;
}
