/* Fits the sharpness of the shares, so that a share is the frequency with which the class is right (docs/model.md,
 * equation 21). */
#include "engine/calibrate.h"

#include <math.h>

#include "base/memory.h"
#include "engine/blocks.h"
#include "engine/choose.h"
#include "engine/faults.h"
#include "engine/forward.h"
#include "engine/samples.h"
#include "engine/sharing.h"

#define VALUES_MOST (1u << 22) /* drives kept: 16 MiB. Of more samples, evenly spaced ones are taken. */

/* The drives on which the sharpness is fitted. */
typedef struct fit {
    br_gather gather;
    br_sample_range own; /* the samples of this rank */
    uint32_t classes;
    uint64_t stride, count; /* every stride-th sample is taken; how many that are */
    float *drives;          /* [count][classes]: drive - conscience */
    const uint32_t *labels;
} fit;

static int take_block(void *user, const br_workspace *workspace, uint32_t member, uint64_t first, uint32_t n,
                      br_error *error)
{
    const fit *f = user;
    uint32_t top = br_last_layer(workspace->model);
    const br_layer_code *last = &workspace->model->layers[top];
    const br_layer_state *s = &workspace->layers[top];
    (void)member;
    first += f->own.from;
    br_gather_batch(&f->gather, first, (br_part){0, n}, workspace);
    br_forward_alone(workspace, 0, br_path_layers(workspace->model), 0, n);
    if (br_check_faults(workspace, first, n, error) != 0)
        return -1;
    for (uint32_t i = 0; i < n; i++) {
        const float *drive = s->drive + (uint64_t)i * last->shape.out.sample_stride;
        if ((first + i) % f->stride != 0)
            continue;
        for (uint32_t k = 0; k < f->classes; k++)
            f->drives[(first + i) / f->stride * f->classes + k] = drive[k] - s->conscience[k];
    }
    return 0;
}

/* The first and second derivative of the loss of equation 21 by B, of one sample. With d_k = x_k - max x:
 * sum p_k d_k - sum t_k d_k, and the variance of d under p. False: a drive is not finite. */
static bool slopes_of(const fit *f, uint64_t sample, double sharpness, double *first, double *second)
{
    const float *x = f->drives + sample * f->classes;
    uint32_t label = f->labels[sample * f->stride];
    double top = (double)x[0], all = 0, sum = 0, squares = 0, plain = 0, spread = 1 / ((double)f->count + 1);
    for (uint32_t k = 1; k < f->classes; k++)
        top = fmax(top, (double)x[k]);
    for (uint32_t k = 0; k < f->classes; k++) {
        double d = (double)x[k] - top, share = exp(sharpness * d);
        if (!isfinite(d))
            return false;
        all += share;
        sum += share * d;
        squares += share * d * d;
        plain += d;
    }
    double mean = sum / all, target = (1 - spread) * ((double)x[label] - top) + spread * plain / f->classes;
    *first = mean - target;
    *second = fmax(0, squares / all - mean * mean);
    return true;
}

/* The means over all samples, added in their order. */
static void slopes(const fit *f, double sharpness, double *first, double *second)
{
    *first = *second = 0;
    for (uint64_t i = 0; i < f->count; i++) {
        double one, two;
        if (!slopes_of(f, i, sharpness, &one, &two))
            continue;
        *first += one / (double)f->count;
        *second += two / (double)f->count;
    }
}

/* The loss is convex in B: Newton's method between two ends, and the geometric mean where it leaves them. */
static float fit_sharpness(const fit *f, float start)
{
    double low = (double)BR_SHARPNESS_LEAST, high = (double)BR_SHARPNESS_MOST, at = (double)BR_SHARPNESS_START;
    double first, second;
    slopes(f, low, &first, &second);
    if (first >= 0) /* no slope at all: the drives don't tell the classes apart */
        return second > 0 ? BR_SHARPNESS_LEAST : start;
    slopes(f, high, &first, &second);
    if (first <= 0)
        return BR_SHARPNESS_MOST;
    for (int step = 0; step < 100; step++) {
        slopes(f, at, &first, &second);
        *(first > 0 ? &high : &low) = at;
        double next = second > 0 ? at - first / second : 0;
        if (!(next > low && next < high))
            next = sqrt(low * high);
        bool done = fabs(next - at) <= 1e-9 * at;
        at = next;
        if (done)
            break;
    }
    return (float)at;
}

int br_calibrate_together(br_network *network, const br_samples *samples, uint32_t threads, const br_ranks *ranks,
                          br_error *error)
{
    const br_model *model = network->model;
    fit f = {.classes = model->layers[br_last_layer(model)].shape.neurons,
             .labels = samples->labels,
             .own = br_own_samples(network, samples->count, ranks)};
    br_blocks blocks = {
        .network = network, .count = f.own.to - f.own.from, .threads = threads, .compute = take_block, .user = &f};
    if (br_check_shape(model, samples, error) != 0 || br_check_labels(model, samples, "calibrate", error) != 0)
        return -1;
    if (samples->count == 0 || f.classes < 2)
        return 0;
    f.gather = br_gather_new(samples, model->input_range);
    f.stride = (samples->count - 1) / (VALUES_MOST / f.classes + 1) + 1;
    f.count = (samples->count - 1) / f.stride + 1;
    if (br_methods_choose_once(network, samples, error) != 0)
        return -1;
    f.drives = br_new(f.count, f.classes * sizeof *f.drives, error);
    int status = f.drives ? br_blocks_run(&blocks, error) : -1;
    br_results drives = {f.drives, f.classes * sizeof *f.drives, f.stride, samples->count};
    if (status == 0)
        status = br_gather_results(network, samples->count, ranks, &drives, error);
    if (status == 0)
        network->sharpness = fit_sharpness(&f, network->sharpness);
    br_release(f.drives);
    return status;
}

int br_calibrate(br_network *network, const br_samples *samples, uint32_t threads, br_error *error)
{
    return br_calibrate_together(network, samples, threads, NULL, error);
}
