#include "show/progress_clock.h"

/* Operations of a competing field for one connection, in units of those of a batch: fields come one at a time, and each
 * is compared with every filter. Only used until a phase of either kind has been timed. */
#define COMPETE_COST 8.0
#define LEARN_COST   2.0  /* feedback and step, beside the forward pass */
#define KNOWN_SHARE  0.01 /* of a phase: before it, its own speed says nothing */

uint32_t progress_epochs(const br_phase *phase)
{
    return phase->kind == BT_PHASE_COMPETE ? 1 : phase->epochs;
}

progress_clock progress_clock_new(const br_schedule *schedule, const br_model *model, uint64_t samples)
{
    return (progress_clock){.schedule = schedule, .model = model, .samples = samples};
}

static double connections_of(const br_layer_shape *shape)
{
    return (double)shape->inputs * shape->neurons * shape->out.height * shape->out.width;
}

/* Layers below the lowest corrected one are computed once and kept, as far as they fit into memory. */
static double work_of(const progress_clock *clock, const br_phase *phase)
{
    const br_layer_code *layers = clock->model->layers;
    double sum = 1;
    if (phase->kind == BT_PHASE_COMPETE) {
        const br_layer_shape *shape = &layers[phase->compete].shape;
        return 1 + COMPETE_COST * (double)phase->patches * shape->inputs * shape->neurons;
    }
    for (uint32_t l = phase->layers[0]; l < clock->model->layer_count; l++)
        sum += connections_of(&layers[l].shape);
    for (uint32_t i = 0; i < phase->layer_count; i++)
        sum += LEARN_COST * connections_of(&layers[phase->layers[i]].shape);
    return sum * (double)clock->samples * phase->epochs;
}

/* The phase in which an epoch runs before which so many have ended. */
static uint32_t phase_after(const br_schedule *schedule, uint64_t epochs_done)
{
    uint32_t phase = 0;
    while (phase + 1 < schedule->phase_count && epochs_done >= progress_epochs(&schedule->phases[phase]))
        epochs_done -= progress_epochs(&schedule->phases[phase++]);
    return phase;
}

/* The present phase has ended, and the next one begins. */
static void move_on(progress_clock *clock, uint32_t phase)
{
    const br_phase *before = &clock->schedule->phases[clock->phase];
    clock->spent[before->kind == BT_PHASE_COMPETE] += clock->seconds - clock->begun;
    clock->work[before->kind == BT_PHASE_COMPETE] += (1 - clock->share_begun) * work_of(clock, before);
    clock->phase = phase;
    clock->begun = clock->seconds;
    clock->share_begun = 0;
}

void progress_clock_tell(progress_clock *clock, uint64_t epochs_done, const br_progress *progress)
{
    double part = progress->total > 0 ? (double)progress->done / (double)progress->total : 0;
    uint32_t phase = phase_after(clock->schedule, epochs_done);
    if (clock->told && phase != clock->phase)
        move_on(clock, phase);
    clock->seconds = progress->seconds;
    clock->share = ((double)(progress->epoch - 1) + part) / progress->epochs;
    if (!clock->told) { /* a training that resumes is somewhere in its schedule */
        clock->phase = phase;
        clock->begun = clock->seconds;
        clock->share_begun = clock->share;
    }
    clock->told = true;
}

double progress_clock_left(const progress_clock *clock)
{
    double spent[2] = {clock->spent[0], clock->spent[1]}, work[2] = {clock->work[0], clock->work[1]};
    double done = clock->share - clock->share_begun, elapsed = clock->seconds - clock->begun, left = 0;
    const br_phase *now = &clock->schedule->phases[clock->phase];
    if (!clock->told || done < KNOWN_SHARE / progress_epochs(now) || elapsed <= 0)
        return -1;
    spent[now->kind == BT_PHASE_COMPETE] += elapsed;
    work[now->kind == BT_PHASE_COMPETE] += done * work_of(clock, now);
    left = elapsed / done * (1 - clock->share);
    for (uint32_t p = clock->phase + 1; p < clock->schedule->phase_count; p++) {
        int kind = clock->schedule->phases[p].kind == BT_PHASE_COMPETE;
        int like = work[kind] > 0 ? kind : !kind; /* until a phase of this kind was timed, the other one must do */
        left += spent[like] / work[like] * work_of(clock, &clock->schedule->phases[p]);
    }
    return left;
}
