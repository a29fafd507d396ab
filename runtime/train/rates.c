#include "train/rates.h"

#include <math.h>

#define LEAST 0.01 /* of eta, however far the phase is */

uint64_t br_batches_of(const br_phase *phase, uint64_t samples)
{
    return (samples + phase->batch - 1) / phase->batch;
}

static double course_at(const br_phase *phase, uint64_t step, uint64_t each)
{
    double t = (double)step / ((double)each * phase->epochs); /* share of the phase's batches that are done */
    switch (phase->course) {
    case BT_COURSE_CONSTANT:
        return 1;
    case BT_COURSE_DECAY:
        return pow((double)phase->decay, (double)(step / each));
    case BT_COURSE_COSINE:
        return fmax(LEAST, (1 + cos(3.14159265358979323846 * t)) / 2);
    case BT_COURSE_LINEAR:
        return fmax(LEAST, 1 - t);
    }
    return 1;
}

float br_rate_at(const br_phase *phase, uint64_t step, uint64_t each)
{
    double course = course_at(phase, step, each);
    if (step + 1 < phase->warm_up)
        course *= (double)(step + 1) / phase->warm_up;
    return (float)course;
}

uint32_t br_keep_at(const br_anneal *anneal, double done, uint32_t neurons)
{
    if (done >= anneal->over)
        return 0;
    double share = anneal->from + (anneal->to - anneal->from) * done / anneal->over;
    return (uint32_t)fmax(1, round(share * neurons));
}

bool br_rates_vary(const br_phase *phase)
{
    bool by_step = phase->course == BT_COURSE_COSINE || phase->course == BT_COURSE_LINEAR;
    return by_step || phase->warm_up > 0 || phase->adapts || phase->anneal_count > 0;
}

/* Replicas without a batch would learn nothing. */
static int check_replicas(const br_phase *phase, uint64_t samples, br_error *error)
{
    if (phase->kind != BT_PHASE_CORRECT || phase->replicas <= 1)
        return 0;
    if (phase->merge == 0)
        return br_fail(error, BR_ERROR_CHECK, "phase %s: replicas that merge every 0 batches; at least 1", phase->name);
    uint64_t batches = br_batches_of(phase, samples);
    return phase->replicas <= batches
               ? 0
               : br_fail(
                     error, BR_ERROR_CHECK,
                     "phase %s: %u replicas, but an epoch has only %llu batches (%llu samples, batch %u); use fewer "
                     "replicas, or a smaller batch",
                     phase->name, phase->replicas, (unsigned long long)batches, (unsigned long long)samples,
                     phase->batch);
}

int br_check_rates(const br_schedule *schedule, uint64_t samples, br_error *error)
{
    for (uint32_t i = 0; i < schedule->phase_count; i++) {
        const br_phase *phase = &schedule->phases[i];
        if (check_replicas(phase, samples, error) != 0)
            return -1;
        uint64_t steps = phase->kind == BT_PHASE_CORRECT ? br_batches_of(phase, samples) * phase->epochs : UINT64_MAX;
        if (phase->warm_up > steps)
            return br_fail(error, BR_ERROR_CHECK,
                           "phase %s: the warm-up takes %u steps, but the phase has only %llu (%llu samples, batch %u, "
                           "epochs %u); shorten the warm-up, or add epochs",
                           phase->name, phase->warm_up, (unsigned long long)steps, (unsigned long long)samples,
                           phase->batch, phase->epochs);
    }
    return 0;
}
