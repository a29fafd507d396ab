/* Scoring and predicting: forward only, samples shared out, each member with its own working memory. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/team.h"
#include "data/batch.h"
#include "engine/forward.h"
#include "engine/live.h"
#include "engine/workspace_pool.h"
#include "infer/quantise.h"
#include "infer/score.h"
#include "train/guard.h"

enum { LIVE_SAMPLES = 1000 }; /* live connections are counted on the first so many samples */

typedef struct scoring {
    const br_network *network;
    const br_samples *samples;
    br_gather gather;
    br_team *team;
    br_works works;
    uint32_t *labels; /* [count] answered */
    float *levels;    /* [count][classes]; NULL: not wanted */
    float *live;      /* [live_samples][layer_count]; NULL: not wanted */
    uint64_t live_samples;
    const br_features *features;   /* NULL: from the input */
    const br_quantised *quantised; /* NULL: in floats */
    float *largest;                /* [members]: activation that layer `read` reads; NULL: answers are wanted instead */
    uint32_t read;
    br_error *faults; /* [members]: what checking code found; kind BR_OK: nothing */
} scoring;

/* The largest activation that the layer reads; what pads its map is 0. */
static void collect_largest(const br_work *work, uint32_t layer, uint32_t n, float *largest)
{
    br_forward_alone(work, 0, layer, 0, n);
    br_join(work, layer, 0, n);
    const float *in = work->layers[layer].in;
    float most = *largest;
    for (uint64_t i = 0; i < (uint64_t)n * work->model->layers[layer].in.stride; i++)
        most = in[i] > most ? in[i] : most;
    *largest = most;
}

static void collect(const scoring *job, const br_work *work, uint64_t first, uint32_t n)
{
    const br_model *model = job->network->model;
    uint32_t top = model->layer_count - 1;
    const br_layer_code *last = &model->layers[top];
    for (uint32_t i = 0; i < n; i++) {
        uint64_t sample = first + i, at = (uint64_t)i * last->out.stride;
        if (job->labels)
            job->labels[sample] = br_answer(work->layers[top].drive + at, work->layers[top].conscience, last->neurons);
        for (uint32_t k = 0; job->levels && k < last->neurons; k++)
            job->levels[sample * last->neurons + k] = work->layers[top].out[at + k] / last->range_out;
        for (uint32_t l = 0; sample < job->live_samples && l < model->layer_count; l++)
            job->live[sample * model->layer_count + l] =
                (float)br_live_share(&model->layers[l], &work->layers[l], !br_has_lists(work, l), i);
    }
}

static void gather(const scoring *job, const br_work *work, uint64_t first, uint32_t n)
{
    uint64_t stride = job->features ? job->features->stride : job->network->model->layers[0].in.stride;
    if (job->features) {
        memcpy((float *)work->layers[job->features->first].in, job->features->values + first * stride,
               n * stride * sizeof(float));
        return;
    }
    for (uint32_t i = 0; i < n; i++)
        br_gather_sample(&job->gather, first + i, 0, 0, false, work->in + i * stride);
}

static void score_work(void *user, uint32_t member)
{
    scoring *job = user;
    const br_work *work = job->works.each[member];
    uint64_t block = work->batch, step = block * br_team_members(job->team);
    for (uint64_t first = block * member; first < job->samples->count; first += step) {
        uint64_t left = job->samples->count - first;
        uint32_t n = (uint32_t)(left < block ? left : block);
        gather(job, work, first, n);
        if (job->largest) {
            collect_largest(work, job->read, n, &job->largest[member]);
            continue;
        }
        br_forward_alone(work, job->features ? job->features->first : 0, work->model->layer_count, 0, n);
        if (br_guard_faults(work, first, n, &job->faults[member]) != 0)
            return;
        collect(job, work, first, n);
    }
}

int br_check_shape(const br_model *m, const br_samples *s, br_error *error)
{
    if (s->height == m->height && s->width == m->width && s->channels == m->channels)
        return 0;
    return br_fail(error, BR_ERROR_CHECK, "network %s reads %ux%ux%u values, the samples have %ux%ux%u", m->name,
                   m->height, m->width, m->channels, s->height, s->width, s->channels);
}

int br_check_labels(const br_model *m, const br_samples *s, const char *use, br_error *error)
{
    uint32_t classes = m->layers[m->layer_count - 1].neurons;
    if (!s->labels)
        return br_fail(error, BR_ERROR_CHECK, "network %s: the samples have no labels to %s by", m->name, use);
    for (uint64_t i = 0; i < s->count; i++)
        if (s->labels[i] >= classes)
            return br_fail(error, BR_ERROR_CHECK, "network %s: sample %llu has label %u; the network knows 0 to %u",
                           m->name, (unsigned long long)i, s->labels[i], classes - 1);
    return 0;
}

static uint32_t members_for(const br_samples *samples, uint32_t block, uint32_t threads)
{
    uint64_t blocks = (samples->count + block - 1) / block;
    uint32_t members = threads ? threads : br_processors();
    return members <= blocks ? members : blocks ? (uint32_t)blocks : 1;
}

static int run(scoring *job, uint32_t threads, br_error *error)
{
    if (!job->features && br_check_shape(job->network->model, job->samples, error) != 0)
        return -1;
    uint32_t block = br_block_of(job->network->model), members = members_for(job->samples, block, threads);
    job->gather = br_gather_new(job->samples, job->network->model->input_range);
    job->faults = br_new(members, sizeof *job->faults, error);
    int status = job->faults ? br_works_new(job->network, members, block, &job->works, error) : -1;
    if (status == 0)
        status = br_team_new(members, &job->team, error);
    for (uint32_t i = 0; status == 0 && job->quantised && i < members; i++)
        status = br_work_eight(job->works.each[i], job->quantised, error);
    if (status == 0)
        br_team_run(job->team, score_work, job);
    for (uint32_t i = 0; status == 0 && i < members; i++)
        if (job->faults[i].kind != BR_OK) {
            *error = job->faults[i];
            status = -1;
        }
    br_works_free(&job->works);
    br_team_free(job->team);
    br_release(job->faults);
    return status;
}

/* Mean and standard deviation of each layer's live share, summed in the samples' order. */
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

/* Answers and what follows from them; `job` says in which arithmetic. Live shares are counted in floats only. */
static int score(scoring *job, uint32_t threads, br_score *out, br_error *error)
{
    const br_model *model = job->network->model;
    const br_samples *samples = job->samples;
    uint32_t classes = model->layers[model->layer_count - 1].neurons;
    uint64_t cells = 0;
    *out = (br_score){.samples = samples->count, .classes = classes};
    out->layer_count = job->quantised ? 0 : model->layer_count;
    if (br_check_labels(model, samples, "score", error) != 0)
        return -1;
    if (!br_multiply(classes, classes, &cells))
        return br_fail(error, BR_ERROR_CHECK, "too many classes to tabulate");
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

/* The form is chosen by the first samples somebody looks at. */
static int look_once(br_network *network, const br_samples *samples, br_error *error)
{
    for (uint32_t i = 0; i < network->model->layer_count; i++)
        if (network->layers[i].looked)
            return 0;
    return br_check_shape(network->model, samples, error) == 0 ? br_forms_choose(network, samples, error) : -1;
}

int br_score_samples(br_network *network, const br_samples *samples, uint32_t threads, br_score *out, br_error *error)
{
    scoring job = {.network = network, .samples = samples};
    *out = (br_score){0};
    return look_once(network, samples, error) == 0 ? score(&job, threads, out, error) : -1;
}

int br_score_quantised(const br_quantised *quantised, const br_samples *samples, uint32_t threads, br_score *out,
                       br_error *error)
{
    scoring job = {.network = quantised->network, .samples = samples, .quantised = quantised};
    return score(&job, threads, out, error);
}

int br_largest_input(const br_quantised *quantised, uint32_t layer, const br_samples *samples, uint32_t threads,
                     float *out, br_error *error)
{
    uint32_t members = members_for(samples, br_block_of(quantised->network->model), threads);
    scoring job = {.network = quantised->network, .samples = samples, .quantised = quantised, .read = layer};
    job.largest = br_new(members, sizeof *job.largest, error);
    if (!job.largest)
        return -1;
    int status = run(&job, threads, error);
    *out = 0;
    for (uint32_t m = 0; m < members; m++)
        *out = job.largest[m] > *out ? job.largest[m] : *out;
    br_release(job.largest);
    return status;
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

int br_accuracy(const br_network *network, const br_samples *samples, const br_features *features, uint32_t threads,
                double *out, br_error *error)
{
    scoring job = {.network = network, .samples = samples, .features = features};
    job.labels = br_new(samples->count, sizeof *job.labels, error);
    if (!job.labels)
        return -1;
    int status = run(&job, threads, error);
    uint64_t right = 0;
    for (uint64_t i = 0; status == 0 && i < samples->count; i++)
        right += job.labels[i] == samples->labels[i];
    *out = samples->count ? (double)right / (double)samples->count : 0;
    br_release(job.labels);
    return status;
}
