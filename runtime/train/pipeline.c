#include "train/pipeline.h"

#include <string.h>

#include "base/memory.h"

int br_pipeline_begin(br_pipeline *p, br_error *error)
{
    p->done = br_new(p->stages, sizeof *p->done, error);
    p->busy = p->done ? br_new(p->stages, sizeof *p->busy, error) : NULL;
    if (!p->busy) {
        br_release(p->done);
        p->done = NULL;
        return -1;
    }
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->changed, NULL);
    return 0;
}

void br_pipeline_end(br_pipeline *p)
{
    if (!p->done)
        return;
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->lock);
    br_release(p->done);
    br_release(p->busy);
    p->done = NULL;
    p->busy = NULL;
}

void br_pipeline_fill(br_pipeline *p, uint64_t batches)
{
    p->batches = batches;
    memset(p->done, 0, p->stages * sizeof *p->done);
}

static bool is_ready(const br_pipeline *p, uint32_t stage)
{
    uint64_t next = p->done[stage];
    bool given = stage == 0 || p->done[stage - 1] > next;
    bool has_slot = stage + 1 == p->stages || p->done[stage + 1] + p->slots > next;
    return !p->busy[stage] && next < p->batches && given && has_slot;
}

/* The uppermost stage that is ready, so that batches leave soon. p->stages: none is. */
static uint32_t ready_stage(const br_pipeline *p)
{
    for (uint32_t stage = p->stages; stage-- > 0;)
        if (is_ready(p, stage))
            return stage;
    return p->stages;
}

void br_pipeline_walk(br_pipeline *p, uint32_t member)
{
    pthread_mutex_lock(&p->lock);
    while (p->done[p->stages - 1] < p->batches) {
        uint32_t stage = ready_stage(p);
        if (stage == p->stages) {
            pthread_cond_wait(&p->changed, &p->lock);
            continue;
        }
        uint64_t batch = p->done[stage];
        p->busy[stage] = true;
        pthread_mutex_unlock(&p->lock);
        p->run(p->user, stage, batch);
        pthread_mutex_lock(&p->lock);
        bool stops = p->after(p->user, member, stage, batch);
        p->busy[stage] = false;
        p->done[stage]++;
        if (stops && p->done[0] + p->busy[0] < p->batches)
            p->batches = p->done[0] + p->busy[0];
        pthread_cond_broadcast(&p->changed);
    }
    pthread_mutex_unlock(&p->lock);
}
