/* Scoring and inference: a team shares out the samples, and each member has its own workspace. */
#include <math.h>

#include "base/clock.h"
#include "base/memory.h"
#include "engine/blocks.h"
#include "engine/choose.h"
#include "engine/faults.h"
#include "engine/forward.h"
#include "engine/int8.h"
#include "engine/live.h"
#include "engine/samples.h"
#include "engine/shares.h"
#include "engine/sharing.h"

enum { LIVE_SAMPLES = 1000 }; /* samples on which live connections are counted */

typedef struct scoring {
    const br_network *network;
    const br_samples *samples;
    br_gather gather;
    br_outputs out;
    bool mirror;        /* the shares of a sample are the means of those of the picture and of its mirror image */
    uint32_t *answered; /* [count]: the labels of a score, unless the caller has room for them */
    float *shares; /* [members][room_of]: room for those of one sample, and with `mirror` of a block of mirror images */
    float *truth;  /* [count]: the share of the sample's label; NULL: not requested */
    float *chosen; /* [count]: the share of the label answered; NULL: not requested */
    float *live;   /* [live_samples][br_path_layers]; NULL: not requested */
    uint64_t live_samples;
    uint32_t *depths; /* [depth_count]: readouts that the model keeps */
    uint32_t depth_count;
    bool *deep_right;              /* [depth_count][count]: whether a readout's answer is right; NULL: not requested */
    const br_quantised *quantised; /* NULL: in floats */
    const br_ranks *ranks;         /* which share out the samples; NULL: none */
    br_sample_range own;           /* the samples of this rank */
} scoring;

static uint32_t classes_of(const scoring *job)
{
    const br_model *model = job->network->model;
    return model->layers[br_last_layer(model)].shape.neurons;
}

static uint64_t room_of(const scoring *job)
{
    return (uint64_t)classes_of(job) * (job->mirror ? br_block_of(job->network->model) + 1 : 1);
}

/* Averages the shares of a picture with those of its mirror image. (20)
 * The label is the first of the largest means. */
static uint32_t average(const float *mirrored, uint32_t classes, float *shares)
{
    uint32_t label = 0;
    for (uint32_t k = 0; k < classes; k++) {
        shares[k] = (shares[k] + mirrored[k]) / 2;
        label = shares[k] > shares[label] ? k : label;
    }
    return label;
}

/* The label and the shares of sample i of the workspace, which is number `sample` of all. */
static void collect_answer(const scoring *job, const br_workspace *workspace, uint32_t i, uint64_t sample,
                           float *shares)
{
    uint32_t label = br_answer_of(workspace, i), classes = classes_of(job);
    const float *mirrored = shares + (uint64_t)classes * (i + 1);
    if (job->out.probabilities)
        shares = job->out.probabilities + sample * classes;
    if (job->out.probabilities || job->truth || job->mirror)
        br_shares_of(workspace, i, label, shares);
    if (job->mirror)
        label = average(mirrored, classes, shares);
    if (job->out.labels)
        job->out.labels[sample] = label;
    if (job->truth) {
        job->truth[sample] = shares[job->samples->labels[sample]];
        job->chosen[sample] = shares[label];
    }
}

static void collect(const scoring *job, const br_workspace *workspace, uint32_t member, uint64_t first, uint32_t n)
{
    const br_model *model = job->network->model;
    uint32_t top = br_last_layer(model), classes = classes_of(job);
    const br_layer_code *last = &model->layers[top];
    for (uint32_t i = 0; i < n; i++) {
        uint64_t sample = first + i, at = (uint64_t)i * last->shape.out.sample_stride;
        collect_answer(job, workspace, i, sample, job->shares + member * room_of(job));
        for (uint32_t k = 0; job->out.levels && k < classes; k++)
            job->out.levels[sample * classes + k] = workspace->layers[top].out[at + k] / last->parameters.range_out;
        for (uint32_t d = 0; job->deep_right && d < job->depth_count; d++)
            job->deep_right[d * job->samples->count + sample] =
                br_answer_at(workspace, job->depths[d], i) == job->samples->labels[sample];
        for (uint32_t l = 0; sample < job->live_samples && l < br_path_layers(model); l++)
            job->live[sample * br_path_layers(model) + l] =
                (float)br_live_share(&model->layers[l], &workspace->layers[l], br_has_lists(workspace, l), i);
    }
}

/* The shares of the block's mirror images. Their answers are complete before those of the pictures are begun. */
static int answer_mirrored(const scoring *job, const br_workspace *workspace, uint32_t member, uint64_t first,
                           uint32_t n, br_error *error)
{
    uint32_t classes = classes_of(job);
    float *shares = job->shares + member * room_of(job) + classes;
    br_gather_mirrored(&job->gather, first, (br_part){0, n}, workspace);
    br_forward_answers(workspace, 0, br_path_layers(workspace->model), 0, n);
    if (br_check_faults(workspace, first, n, error) != 0)
        return -1;
    for (uint32_t i = 0; i < n; i++)
        br_shares_of(workspace, i, br_answer_of(workspace, i), shares + (uint64_t)i * classes);
    return 0;
}

static int score_block(void *user, const br_workspace *workspace, uint32_t member, uint64_t first, uint32_t n,
                       br_error *error)
{
    const scoring *job = user;
    first += job->own.from;
    if (job->mirror && answer_mirrored(job, workspace, member, first, n, error) != 0)
        return -1;
    br_gather_batch(&job->gather, first, (br_part){0, n}, workspace);
    bool live = first < job->live_samples; /* live shares are those of all layers */
    const br_model *model = workspace->model;
    (live ? br_forward_alone : br_forward_answers)(workspace, 0,
                                                   job->deep_right ? model->layer_count : br_path_layers(model), 0, n);
    if (br_check_faults(workspace, first, n, error) != 0)
        return -1;
    collect(job, workspace, member, first, n);
    return 0;
}

static int run(scoring *job, uint32_t threads, br_error *error)
{
    job->own = br_own_samples(job->network, job->samples->count, job->ranks);
    br_blocks blocks = {.network = job->network,
                        .quantised = job->quantised,
                        .count = job->own.to - job->own.from,
                        .threads = threads,
                        .compute = score_block,
                        .user = job};
    if (br_check_shape(job->network->model, job->samples, error) != 0)
        return -1;
    job->gather = br_gather_new(job->samples, job->network->model->input_range);
    job->shares = br_new(br_blocks_members(&blocks), room_of(job) * sizeof *job->shares, error);
    int status = job->shares ? br_blocks_run(&blocks, error) : -1;
    br_release(job->shares);
    return status;
}

/* Every rank gets what the others computed. */
static int gather(const scoring *job, br_error *error)
{
    uint64_t count = job->samples->count, layers = br_path_layers(job->network->model);
    const br_results all[] = {{job->out.labels, sizeof *job->out.labels, 1, count},
                              {job->truth, sizeof *job->truth, 1, count},
                              {job->chosen, sizeof *job->chosen, 1, count},
                              {job->live, layers * sizeof *job->live, 1, job->live_samples}};
    int status = 0;
    for (size_t i = 0; status == 0 && i < sizeof all / sizeof *all; i++)
        status = br_gather_results(job->network, count, job->ranks, &all[i], error);
    for (uint32_t d = 0; status == 0 && d < job->depth_count; d++) {
        br_results right = {job->deep_right + d * count, sizeof *job->deep_right, 1, count};
        status = br_gather_results(job->network, count, job->ranks, &right, error);
    }
    return status;
}

/* How well the shares are calibrated, summed in the order of the samples.                                       (22) */
static void calibration(const scoring *job, br_score *out)
{
    enum { BINS = 10 };
    double right[BINS] = {0}, claimed[BINS] = {0}, loss = 0, count = (double)job->samples->count;
    for (uint64_t i = 0; i < job->samples->count; i++) {
        int bin = (int)(job->chosen[i] * BINS);
        bin = bin < BINS ? bin : BINS - 1;
        right[bin] += job->out.labels[i] == job->samples->labels[i];
        claimed[bin] += (double)job->chosen[i];
        loss -= fmax(log((double)job->truth[i]), (double)BR_SHARES_LEAST);
    }
    out->nll = count > 0 ? loss / count : 0;
    for (int bin = 0; bin < BINS && count > 0; bin++)
        out->ece += fabs(right[bin] - claimed[bin]) / count;
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

/* The readouts that the model keeps, and memory for their answers. */
static int take_depths(scoring *job, br_score *out, br_error *error)
{
    const br_model *model = job->network->model;
    for (uint32_t l = br_path_layers(model); model->keeps_readouts && l < model->layer_count; l++)
        job->depth_count += br_is_answering(model, l);
    if (job->depth_count == 0)
        return 0;
    job->depths = br_new(job->depth_count, sizeof *job->depths, error);
    out->depths = job->depths ? br_new(job->depth_count, sizeof *out->depths, error) : NULL;
    job->deep_right =
        out->depths ? br_new(job->samples->count, job->depth_count * sizeof *job->deep_right, error) : NULL;
    for (uint32_t l = br_path_layers(model); job->deep_right && l < model->layer_count; l++)
        if (br_is_answering(model, l))
            job->depths[out->depth_count++] = l;
    return job->deep_right ? 0 : -1;
}

static void score_depths(const scoring *job, br_score *out)
{
    uint64_t count = job->samples->count;
    for (uint32_t d = 0; d < out->depth_count; d++) {
        uint64_t right = 0;
        for (uint64_t i = 0; i < count; i++)
            right += job->deep_right[d * count + i];
        out->depths[d].layer = job->network->model->layers[job->depths[d]].name;
        out->depths[d].accuracy = count ? (double)right / (double)count : 0;
    }
}

/* Memory for the score, and for the results of every sample. */
static int take_room(scoring *job, br_score *out, br_error *error)
{
    uint64_t count = job->samples->count, cells;
    uint32_t layers = br_path_layers(job->network->model);
    if (!br_multiply(out->classes, out->classes, &cells))
        return br_fail(error, BR_ERROR_CHECK, "too many classes for a confusion matrix");
    out->confusion = br_new(cells, sizeof *out->confusion, error);
    out->live = out->confusion ? br_new(out->layer_count, sizeof *out->live, error) : NULL;
    out->live_spread = out->live ? br_new(out->layer_count, sizeof *out->live_spread, error) : NULL;
    job->answered = out->live_spread ? br_new(count, sizeof *job->answered, error) : NULL;
    job->truth = job->answered ? br_new(count, sizeof *job->truth, error) : NULL;
    job->chosen = job->truth ? br_new(count, sizeof *job->chosen, error) : NULL;
    if (!job->quantised)
        job->live_samples = count < LIVE_SAMPLES ? count : LIVE_SAMPLES;
    if (!job->out.labels)
        job->out.labels = job->answered;
    job->live = job->chosen ? br_new(job->live_samples, layers * sizeof *job->live, error) : NULL;
    return job->live ? 0 : -1;
}

/* Runs inference and computes the score; `job` gives the arithmetic. Live shares are counted in floats only. */
static int score(scoring *job, uint32_t threads, br_score *out, br_error *error)
{
    const br_samples *samples = job->samples;
    *out = (br_score){.samples = samples->count, .classes = classes_of(job)};
    out->layer_count = job->quantised ? 0 : br_path_layers(job->network->model);
    if (br_check_labels(job->network->model, samples, "score", error) != 0)
        return -1;
    double begin = br_now();
    int status = take_room(job, out, error);
    if (status == 0)
        status = take_depths(job, out, error);
    if (status == 0)
        status = run(job, threads, error);
    if (status == 0)
        status = gather(job, error);
    for (uint64_t i = 0; status == 0 && i < samples->count; i++) {
        out->right += job->out.labels[i] == samples->labels[i];
        out->confusion[(uint64_t)samples->labels[i] * out->classes + job->out.labels[i]]++;
    }
    if (status == 0) {
        live_statistics(job, out);
        calibration(job, out);
        score_depths(job, out);
    }
    out->accuracy = samples->count ? (double)out->right / (double)samples->count : 0;
    out->seconds = br_now() - begin;
    br_release(job->answered);
    br_release(job->truth);
    br_release(job->chosen);
    br_release(job->live);
    br_release(job->depths);
    br_release(job->deep_right);
    if (status != 0)
        br_score_free(out);
    return status;
}

int br_score_together(br_network *network, const br_samples *samples, uint32_t threads, const br_ranks *ranks,
                      br_score *out, br_error *error)
{
    scoring job = {.network = network, .samples = samples, .ranks = ranks};
    *out = (br_score){0};
    return br_methods_choose_once(network, samples, error) == 0 ? score(&job, threads, out, error) : -1;
}

int br_score_samples(br_network *network, const br_samples *samples, uint32_t threads, br_score *out, br_error *error)
{
    return br_score_together(network, samples, threads, NULL, out, error);
}

int br_score_answers(br_network *network, const br_samples *samples, uint32_t threads, const br_outputs *answers,
                     br_score *out, br_error *error)
{
    scoring job = {.network = network, .samples = samples, .out = *answers};
    *out = (br_score){0};
    return br_methods_choose_once(network, samples, error) == 0 ? score(&job, threads, out, error) : -1;
}

int br_score_quantised(const br_quantised *quantised, const br_samples *samples, uint32_t threads, br_score *out,
                       br_error *error)
{
    scoring job = {.network = quantised->network, .samples = samples, .quantised = quantised};
    return score(&job, threads, out, error);
}

int br_score_mirrored(br_network *network, const br_quantised *quantised, const br_samples *samples, uint32_t threads,
                      br_score *out, br_error *error)
{
    scoring job = {.network = network, .samples = samples, .mirror = true, .quantised = quantised};
    *out = (br_score){0};
    if (!quantised && br_methods_choose_once(network, samples, error) != 0)
        return -1;
    return score(&job, threads, out, error);
}

void br_score_free(br_score *score)
{
    br_release(score->confusion);
    br_release(score->live);
    br_release(score->live_spread);
    br_release(score->depths);
    *score = (br_score){0};
}

int br_predict(br_network *network, const br_samples *samples, uint32_t threads, const br_outputs *out, br_error *error)
{
    scoring job = {.network = network, .samples = samples, .out = *out};
    return run(&job, threads, error);
}
