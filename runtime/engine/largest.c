#include "engine/largest.h"

#include "base/memory.h"
#include "engine/blocks.h"
#include "engine/forward.h"
#include "engine/int8.h"
#include "engine/samples.h"

typedef struct largest_job {
    br_gather gather;
    uint32_t layer;
    float *largest; /* [members] */
} largest_job;

/* The padding of the layer's map is 0, so it can be included. */
static int find_in_block(void *user, const br_workspace *workspace, uint32_t member, uint64_t first, uint32_t n,
                         br_error *error)
{
    const largest_job *job = user;
    (void)error;
    br_gather_batch(&job->gather, first, (br_part){0, n}, workspace);
    br_forward_alone(workspace, 0, job->layer, 0, n);
    br_join(workspace, job->layer, 0, n);
    const float *in = workspace->layers[job->layer].in;
    float most = job->largest[member];
    for (uint64_t i = 0; i < (uint64_t)n * workspace->model->layers[job->layer].shape.in.sample_stride; i++)
        most = in[i] > most ? in[i] : most;
    job->largest[member] = most;
    return 0;
}

int br_largest_input(const br_quantised *quantised, uint32_t layer, const br_samples *samples, uint32_t threads,
                     float *out, br_error *error)
{
    const br_model *model = quantised->network->model;
    largest_job job = {.gather = br_gather_new(samples, model->input_range), .layer = layer};
    br_blocks blocks = {.network = quantised->network,
                        .quantised = quantised,
                        .count = samples->count,
                        .threads = threads,
                        .compute = find_in_block,
                        .user = &job};
    uint32_t members = br_blocks_members(&blocks);
    if (br_check_shape(model, samples, error) != 0)
        return -1;
    job.largest = br_new(members, sizeof *job.largest, error);
    if (!job.largest)
        return -1;
    int status = br_blocks_run(&blocks, error);
    *out = 0;
    for (uint32_t m = 0; m < members; m++)
        *out = job.largest[m] > *out ? job.largest[m] : *out;
    br_release(job.largest);
    return status;
}
