/* Scoring and inference: a team shares out the samples, and each member has its own workspace. */
#include <math.h>

#include "base/clock.h"
#include "base/memory.h"
#include "engine/blocks.h"
#include "engine/faults.h"
#include "engine/forward.h"
#include "engine/int8.h"
#include "engine/live.h"
#include "engine/samples.h"

enum { LIVE_SAMPLES = 1000 }; /* samples on which live connections are counted */

typedef struct scoring {
    const br_network *network;
    const br_samples *samples;
    br_gather gather;
    uint32_t *labels; /* [count]: the network's answers */
    float *levels;    /* [count][classes]; NULL: not requested */
    float *live;      /* [live_samples][layer_count]; NULL: not requested */
    uint64_t live_samples;
    const br_quantised *quantised; /* NULL: in floats */
} scoring;

static void collect(const scoring *job, const br_workspace *workspace, uint64_t first, uint32_t n)
{
    const br_model *model = job->network->model;
    uint32_t top = br_last_layer(model);
    const br_layer_code *last = &model->layers[top];
    if (job->labels)
        br_answers_of(workspace, n, job->labels + first);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t sample = first + i, at = (uint64_t)i * last->shape.out.sample_stride;
        for (uint32_t k = 0; job->levels && k < last->shape.neurons; k++)
            job->levels[sample * last->shape.neurons + k] =
                workspace->layers[top].out[at + k] / last->parameters.range_out;
        for (uint32_t l = 0; sample < job->live_samples && l < model->layer_count; l++)
            job->live[sample * model->layer_count + l] =
                (float)br_live_share(&model->layers[l], &workspace->layers[l], !br_has_lists(workspace, l), i);
    }
}

static int score_block(void *user, const br_workspace *workspace, uint32_t member, uint64_t first, uint32_t n,
                       br_error *error)
{
    const scoring *job = user;
    (void)member;
    br_gather_batch(&job->gather, first, (br_part){0, n}, workspace);
    br_forward_alone(workspace, 0, workspace->model->layer_count, 0, n);
    if (br_check_faults(workspace, first, n, error) != 0)
        return -1;
    collect(job, workspace, first, n);
    return 0;
}

static int run(scoring *job, uint32_t threads, br_error *error)
{
    br_blocks blocks = {.network = job->network,
                        .quantised = job->quantised,
                        .count = job->samples->count,
                        .threads = threads,
                        .compute = score_block,
                        .user = job};
    if (br_check_shape(job->network->model, job->samples, error) != 0)
        return -1;
    job->gather = br_gather_new(job->samples, job->network->model->input_range);
    return br_blocks_run(&blocks, error);
}

/* Mean and standard deviation of each layer's live share, summed in the order of the samples. */
static void live_statistics(const scoring *job, br_score *out)
{
    uint64_t count = job->live_samples;
    for (uint32_t l = 0; l < out->layer_count; l++) {
        double sum = 0, squares = 0;
        for (uint64_t i = 0; i < count; i++)
            sum += (double)job->live[i * out->layer_count + l];
        double mean = count ? sum / (double)count : 0;
        for (uint64_t i = 0; i < count; i++) {
            double off = (double)job->live[i * out->layer_count + l] - mean;
            squares += off * off;
        }
        out->live[l] = mean;
        out->live_spread[l] = count > 1 ? sqrt(squares / (double)(count - 1)) : 0;
    }
}

/* Runs inference and computes the score; `job` gives the arithmetic. Live shares are counted in floats only. */
static int score(scoring *job, uint32_t threads, br_score *out, br_error *error)
{
    const br_model *model = job->network->model;
    const br_samples *samples = job->samples;
    uint32_t classes = model->layers[br_last_layer(model)].shape.neurons;
    uint64_t cells = 0;
    *out = (br_score){.samples = samples->count, .classes = classes};
    out->layer_count = job->quantised ? 0 : model->layer_count;
    if (br_check_labels(model, samples, "score", error) != 0)
        return -1;
    if (!br_multiply(classes, classes, &cells))
        return br_fail(error, BR_ERROR_CHECK, "too many classes for a confusion matrix");
    double begin = br_now();
    int status = -1;
    out->confusion = br_new(cells, sizeof *out->confusion, error);
    out->live = out->confusion ? br_new(out->layer_count, sizeof *out->live, error) : NULL;
    out->live_spread = out->live ? br_new(out->layer_count, sizeof *out->live_spread, error) : NULL;
    job->labels = out->live_spread ? br_new(samples->count, sizeof *job->labels, error) : NULL;
    if (!job->quantised)
        job->live_samples = samples->count < LIVE_SAMPLES ? samples->count : LIVE_SAMPLES;
    job->live = job->labels ? br_new(job->live_samples, model->layer_count * sizeof *job->live, error) : NULL;
    if (job->live)
        status = run(job, threads, error);
    for (uint64_t i = 0; status == 0 && i < samples->count; i++) {
        out->right += job->labels[i] == samples->labels[i];
        out->confusion[(uint64_t)samples->labels[i] * classes + job->labels[i]]++;
    }
    if (status == 0)
        live_statistics(job, out);
    out->accuracy = samples->count ? (double)out->right / (double)samples->count : 0;
    out->seconds = br_now() - begin;
    br_release(job->labels);
    br_release(job->live);
    if (status != 0)
        br_score_free(out);
    return status;
}

/* Chooses the inference methods, unless earlier samples have chosen them. */
static int choose_once(br_network *network, const br_samples *samples, br_error *error)
{
    for (uint32_t i = 0; i < network->model->layer_count; i++)
        if (network->layers[i].measured)
            return 0;
    return br_check_shape(network->model, samples, error) == 0 ? br_methods_choose(network, samples, error) : -1;
}

int br_score_samples(br_network *network, const br_samples *samples, uint32_t threads, br_score *out, br_error *error)
{
    scoring job = {.network = network, .samples = samples};
    *out = (br_score){0};
    return choose_once(network, samples, error) == 0 ? score(&job, threads, out, error) : -1;
}

int br_score_quantised(const br_quantised *quantised, const br_samples *samples, uint32_t threads, br_score *out,
                       br_error *error)
{
    scoring job = {.network = quantised->network, .samples = samples, .quantised = quantised};
    return score(&job, threads, out, error);
}

void br_score_free(br_score *score)
{
    br_release(score->confusion);
    br_release(score->live);
    br_release(score->live_spread);
    *score = (br_score){0};
}

int br_predict(br_network *network, const br_samples *samples, uint32_t threads, uint32_t *labels, float *levels,
               br_error *error)
{
    scoring job = {.network = network, .samples = samples, .labels = labels, .levels = levels};
    return run(&job, threads, error);
}
