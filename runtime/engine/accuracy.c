#include "engine/accuracy.h"

#include <string.h>

#include "base/memory.h"
#include "engine/blocks.h"
#include "engine/faults.h"
#include "engine/forward.h"
#include "engine/samples.h"
#include "engine/sharing.h"

typedef struct accuracy_job {
    br_gather gather;
    const br_features *features; /* NULL: from the input */
    const uint32_t *layers;      /* [layer_count]: whose answers count */
    uint32_t layer_count, end;   /* layers from `end` on need not be computed */
    uint32_t *labels;            /* [layer_count][samples]: their answers */
    br_sample_range own;         /* the samples of this rank */
} accuracy_job;

static int answer_block(void *user, const br_workspace *workspace, uint32_t member, uint64_t first, uint32_t n,
                        br_error *error)
{
    const accuracy_job *job = user;
    const br_features *features = job->features;
    uint32_t lowest = features ? features->first : 0;
    (void)member;
    first += job->own.from;
    if (features)
        memcpy((float *)workspace->layers[lowest].in, features->values + first * features->stride,
               n * features->stride * sizeof(float));
    else
        br_gather_batch(&job->gather, first, (br_part){0, n}, workspace);
    br_forward_answers(workspace, lowest, job->end, 0, n);
    if (br_check_faults(workspace, first, n, error) != 0)
        return -1;
    for (uint32_t a = 0; a < job->layer_count; a++)
        for (uint32_t i = 0; i < n; i++)
            job->labels[a * job->gather.samples->count + first + i] = br_answer_at(workspace, job->layers[a], i);
    return 0;
}

int br_accuracy(const br_network *network, const br_samples *samples, const br_features *features, uint32_t threads,
                const br_answering *answering, double *out, br_error *error)
{
    accuracy_job job = {.gather = br_gather_new(samples, network->model->input_range),
                        .features = features,
                        .layers = answering->layers,
                        .layer_count = answering->count};
    job.own = br_own_samples(network, samples->count, answering->ranks);
    br_blocks blocks = {.network = network,
                        .count = job.own.to - job.own.from,
                        .threads = threads,
                        .compute = answer_block,
                        .user = &job};
    if (!features && br_check_shape(network->model, samples, error) != 0)
        return -1;
    for (uint32_t a = 0; a < job.layer_count; a++)
        job.end = job.layers[a] >= job.end ? job.layers[a] + 1 : job.end;
    job.labels = br_new(job.layer_count, samples->count * sizeof *job.labels, error);
    if (!job.labels)
        return -1;
    int status = br_blocks_run(&blocks, error);
    for (uint32_t a = 0; status == 0 && a < job.layer_count; a++) {
        br_results labels = {job.labels + a * samples->count, sizeof *job.labels, 1, samples->count};
        status = br_gather_results(network, samples->count, answering->ranks, &labels, error);
    }
    for (uint32_t a = 0; status == 0 && a < job.layer_count; a++) {
        uint64_t right = 0;
        for (uint64_t i = 0; i < samples->count; i++)
            right += job.labels[a * samples->count + i] == samples->labels[i];
        out[a] = samples->count ? (double)right / (double)samples->count : 0;
    }
    br_release(job.labels);
    return status;
}
