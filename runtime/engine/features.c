#include "engine/features.h"

#include <string.h>

#include "base/memory.h"
#include "data/batch.h"
#include "engine/blocks.h"
#include "engine/forward.h"

bool br_can_cut(const br_model *model, uint32_t first)
{
    if (first == 0 || model->layers[first].source_count > 1)
        return false;
    for (uint32_t i = first + 1; i < br_path_layers(model); i++)
        for (uint32_t s = 0; s < model->layers[i].source_count; s++)
            if (model->layers[i].sources[s] == BT_INPUT || model->layers[i].sources[s] < first)
                return false;
    return true;
}

typedef struct feature_job {
    br_gather gather;
    br_features *out;
} feature_job;

/* Entries after the last sample are the mirrored samples. */
static int compute_features(void *user, const br_workspace *workspace, uint32_t member, uint64_t begin, uint32_t n,
                            br_error *error)
{
    const feature_job *job = user;
    uint64_t samples = job->gather.samples->count, stride = job->out->stride;
    (void)member, (void)error;
    for (uint64_t i = 0; i < n; i++)
        br_gather_sample(&job->gather, (begin + i) % samples, 0, 0, begin + i >= samples,
                         workspace->in + i * workspace->model->layers[0].shape.in.sample_stride);
    br_forward_answers(workspace, 0, job->out->first, 0, n);
    memcpy(job->out->values + begin * stride, workspace->layers[job->out->first].in, n * stride * sizeof(float));
    return 0;
}

int br_features_new(const br_network *network, const br_samples *samples, const br_features_job *job, br_features *out,
                    br_error *error)
{
    *out = (br_features){.first = job->first,
                         .count = samples->count * (job->mirrored ? 2 : 1),
                         .stride = network->model->layers[job->first].shape.in.sample_stride};
    uint64_t floats = 0;
    if (!br_multiply(out->count, out->stride, &floats))
        return br_fail(error, BR_ERROR_CHECK, "features of %llu samples need more memory than can be addressed",
                       (unsigned long long)out->count);
    feature_job features = {.gather = br_gather_new(samples, network->model->input_range), .out = out};
    br_blocks blocks = {.network = network,
                        .count = out->count,
                        .threads = job->threads,
                        .compute = compute_features,
                        .user = &features,
                        .watch = job->watch};
    out->values = br_new_aligned(floats, sizeof(float), error);
    int status = out->values ? br_blocks_run(&blocks, error) : -1;
    if (status != 0)
        br_features_free(out);
    return status;
}

void br_features_free(br_features *features)
{
    br_release(features->values);
    *features = (br_features){0};
}
