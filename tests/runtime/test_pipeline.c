/* Batches that pass through stages by a team: every batch, in order, through every stage, and no stage too far ahead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/team.h"
#include "bouton/runtime.h"
#include "train/pace.h"
#include "train/pipeline.h"

enum { MOST_STAGES = 5, BATCHES = 40 };

/* What happened, written under the pipeline's lock (`after`) or by the one member that runs a stage. */
typedef struct walk {
    br_pipeline pipeline;
    br_team *team;
    uint64_t seed;
    uint64_t stop_behind; /* the batch behind which no further one begins */
    uint64_t ended[MOST_STAGES];
    int runs[MOST_STAGES]; /* members in a stage at this moment */
    bool wrong;
} walk;

static uint32_t draw(const walk *w, uint32_t stage, uint64_t batch, uint32_t below)
{
    uint32_t words[4];
    br_random4(w->seed, BR_STREAM_JITTER, stage, batch, words);
    return words[0] % below;
}

static void run(void *user, uint32_t stage, uint64_t batch)
{
    walk *w = user;
    uint64_t below = stage > 0 ? __atomic_load_n(&w->ended[stage - 1], __ATOMIC_SEQ_CST) : batch + 1;
    uint64_t above = stage + 1 < w->pipeline.stages ? __atomic_load_n(&w->ended[stage + 1], __ATOMIC_SEQ_CST) : batch;
    bool first = __atomic_add_fetch(&w->runs[stage], 1, __ATOMIC_SEQ_CST) == 1;
    bool in_order = __atomic_load_n(&w->ended[stage], __ATOMIC_SEQ_CST) == batch;
    if (!first || !in_order || below <= batch || batch >= above + w->pipeline.slots)
        __atomic_store_n(&w->wrong, true, __ATOMIC_SEQ_CST);
    usleep(draw(w, stage, batch, 120));
    __atomic_sub_fetch(&w->runs[stage], 1, __ATOMIC_SEQ_CST);
}

static bool after(void *user, uint32_t member, uint32_t stage, uint64_t batch)
{
    walk *w = user;
    w->wrong = w->wrong || member >= br_team_members(w->team) || w->ended[stage] != batch;
    __atomic_store_n(&w->ended[stage], batch + 1, __ATOMIC_SEQ_CST);
    return stage == 0 && batch >= w->stop_behind;
}

static void work(void *user, uint32_t member)
{
    walk *w = user;
    br_pipeline_walk(&w->pipeline, member);
}

static void batches_pass_in_order(void **state)
{
    (void)state;
    const char *given = getenv("BOUTON_TEST_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : 20240703;
    print_message("seed %llu (BOUTON_TEST_SEED sets another)\n", (unsigned long long)seed);
    br_error error;
    for (uint32_t round = 0; round < 40; round++) {
        walk w = {.seed = seed + round, .stop_behind = UINT64_MAX};
        uint32_t members = 1 + draw(&w, 90, 0, 4);
        w.pipeline = (br_pipeline){.stages = 1 + draw(&w, 91, 0, MOST_STAGES),
                                   .slots = 1 + draw(&w, 92, 0, 3),
                                   .run = run,
                                   .after = after,
                                   .user = &w};
        bool stops = draw(&w, 93, 0, 3) == 0;
        if (stops)
            w.stop_behind = draw(&w, 94, 0, BATCHES);
        assert_int_equal(br_team_new(members, &w.team, &error), 0);
        assert_int_equal(br_pipeline_begin(&w.pipeline, &error), 0);
        for (uint32_t walks = 0; walks < 2; walks++) { /* it can be filled again */
            memset(w.ended, 0, sizeof w.ended);
            br_pipeline_fill(&w.pipeline, BATCHES);
            br_team_run(w.team, work, &w);
            assert_false(w.wrong);
            for (uint32_t s = 0; s < w.pipeline.stages; s++)
                assert_int_equal(w.ended[s], w.ended[0]);
            assert_true(stops ? w.ended[0] > w.stop_behind && w.ended[0] <= BATCHES : w.ended[0] == BATCHES);
        }
        br_pipeline_end(&w.pipeline);
        br_team_free(w.team);
    }
}

/* Each way is tried once, then the fastest is used, and now and then another one. */
static void the_fastest_way_is_used(void **state)
{
    (void)state;
    static const double seconds[BR_WAYS] = {[BR_WAY_STAGES] = 2, [BR_WAY_TOGETHER] = 3, [BR_WAY_ALONE] = 4};
    for (int stages = 0; stages < 2; stages++) {
        br_pace pace = {0};
        uint32_t used[BR_WAYS] = {0};
        for (uint32_t turn = 0; turn < 8 * BR_PACE_PROBE; turn++) {
            br_way way = br_pace_next(&pace, stages);
            br_pace_took(&pace, way, seconds[way]);
            used[way]++;
        }
        br_way best = stages ? BR_WAY_STAGES : BR_WAY_TOGETHER;
        assert_true(used[best] > 7 * BR_PACE_PROBE);
        for (uint32_t way = 0; way < BR_WAYS; way++)
            assert_true(stages || way != BR_WAY_STAGES ? used[way] > 1 : used[way] == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches_pass_in_order),
        cmocka_unit_test(the_fastest_way_is_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
