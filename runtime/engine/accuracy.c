#include "engine/accuracy.h"

#include <string.h>

#include "base/memory.h"
#include "engine/blocks.h"
#include "engine/faults.h"
#include "engine/forward.h"
#include "engine/samples.h"

typedef struct accuracy_job {
    br_gather gather;
    const br_features *features; /* NULL: from the input */
    uint32_t *labels;            /* [count]: the network's answers */
} accuracy_job;

static int answer_block(void *user, const br_workspace *workspace, uint32_t member, uint64_t first, uint32_t n,
                        br_error *error)
{
    const accuracy_job *job = user;
    const br_features *features = job->features;
    uint32_t lowest = features ? features->first : 0;
    (void)member;
    if (features)
        memcpy((float *)workspace->layers[lowest].in, features->values + first * features->stride,
               n * features->stride * sizeof(float));
    else
        br_gather_batch(&job->gather, first, (br_part){0, n}, workspace);
    br_forward_answers(workspace, lowest, workspace->model->layer_count, 0, n);
    if (br_check_faults(workspace, first, n, error) != 0)
        return -1;
    br_answers_of(workspace, n, job->labels + first);
    return 0;
}

int br_accuracy(const br_network *network, const br_samples *samples, const br_features *features, uint32_t threads,
                double *out, br_error *error)
{
    accuracy_job job = {.gather = br_gather_new(samples, network->model->input_range), .features = features};
    br_blocks blocks = {
        .network = network, .count = samples->count, .threads = threads, .compute = answer_block, .user = &job};
    if (!features && br_check_shape(network->model, samples, error) != 0)
        return -1;
    job.labels = br_new(samples->count, sizeof *job.labels, error);
    if (!job.labels)
        return -1;
    int status = br_blocks_run(&blocks, error);
    uint64_t right = 0;
    for (uint64_t i = 0; status == 0 && i < samples->count; i++)
        right += job.labels[i] == samples->labels[i];
    *out = samples->count ? (double)right / (double)samples->count : 0;
    br_release(job.labels);
    return status;
}
