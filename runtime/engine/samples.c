#include "engine/samples.h"

int br_check_shape(const br_model *m, const br_samples *s, br_error *error)
{
    if (bt_same_shape(s->shape, m->shape))
        return 0;
    return br_fail(error, BR_ERROR_CHECK, "network %s reads %ux%ux%u values, the samples have %ux%ux%u", m->name,
                   m->shape.height, m->shape.width, m->shape.channels, s->shape.height, s->shape.width,
                   s->shape.channels);
}

int br_check_labels(const br_model *m, const br_samples *s, const char *use, br_error *error)
{
    uint32_t classes = m->layers[br_last_layer(m)].shape.neurons;
    if (!s->labels)
        return br_fail(error, BR_ERROR_CHECK, "network %s: the samples have no labels, which are needed to %s", m->name,
                       use);
    for (uint64_t i = 0; i < s->count; i++)
        if (s->labels[i] >= classes)
            return br_fail(error, BR_ERROR_CHECK, "network %s: sample %llu has label %u; the network knows 0 to %u",
                           m->name, (unsigned long long)i, s->labels[i], classes - 1);
    return 0;
}

static void gather_part(const br_gather *gather, uint64_t first, br_part part, bool mirror,
                        const br_workspace *workspace)
{
    uint64_t stride = workspace->model->layers[0].shape.in.sample_stride;
    for (uint64_t i = part.from; i < part.to; i++)
        br_gather_sample(gather, (first + i) % gather->samples->count, 0, 0, mirror, workspace->in + i * stride);
}

void br_gather_batch(const br_gather *gather, uint64_t first, br_part part, const br_workspace *workspace)
{
    gather_part(gather, first, part, false, workspace);
}

void br_gather_mirrored(const br_gather *gather, uint64_t first, br_part part, const br_workspace *workspace)
{
    gather_part(gather, first, part, true, workspace);
}

void br_gather_labelled(const br_gather *gather, uint64_t first, br_part part, const br_workspace *workspace)
{
    const br_samples *samples = gather->samples;
    br_gather_batch(gather, first, part, workspace);
    for (uint64_t i = part.from; i < part.to; i++)
        workspace->labels[i] = samples->labels ? samples->labels[(first + i) % samples->count] : 0;
}
