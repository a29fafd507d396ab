#include "engine/cluster.h"

#include <math.h>

#include "base/memory.h"
#include "engine/blocks.h"
#include "engine/forward.h"
#include "engine/int8.h"
#include "engine/samples.h"

enum {
    SAMPLES_MOST = 1024, /* samples that are counted: the order does not get better with more */
    CHANNELS_MOST = 1024 /* more than these stay in the order of the map */
};

typedef struct counts {
    br_gather gather;
    uint32_t layer, channels;
    uint32_t *together; /* [members][channels][channels]: places where both are live; on the diagonal, where one is */
    uint32_t *live;     /* [members][channels]: the live channels of one place */
} counts;

static void count_place(const float *in, uint32_t channels, uint32_t *live, uint32_t *together)
{
    uint32_t n = 0;
    for (uint32_t c = 0; c < channels; c++)
        if (in[c] > 0)
            live[n++] = c;
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = 0; j < n; j++)
            together[(uint64_t)live[i] * channels + live[j]]++;
}

static int count_block(void *user, const br_workspace *workspace, uint32_t member, uint64_t first, uint32_t n,
                       br_error *error)
{
    const counts *c = user;
    const br_map *map = &workspace->model->layers[c->layer].shape.in;
    uint64_t channels = c->channels;
    (void)error;
    br_gather_batch(&c->gather, first, (br_part){0, n}, workspace);
    br_forward_alone(workspace, 0, c->layer, 0, n);
    br_join(workspace, c->layer, 0, n);
    for (uint32_t i = 0; i < n; i++)
        for (uint64_t place = 0; place < br_map_places(*map); place++)
            count_place(workspace->layers[c->layer].in + (uint64_t)i * map->sample_stride + place * map->pitch,
                        c->channels, c->live + member * channels, c->together + member * channels * channels);
    return 0;
}

/* How often a channel is live together with those of a quad, beside how often it is live at all. */
static double attraction(const uint32_t *together, uint32_t channels, uint32_t channel, const uint32_t *quad,
                         uint32_t members)
{
    double common = 0, alone = 1 + (double)together[(uint64_t)channel * channels + channel];
    for (uint32_t i = 0; i < members; i++)
        common += together[(uint64_t)channel * channels + quad[i]];
    return members == 0 ? alone : common / sqrt(alone);
}

/* Quad by quad: first the channel that is live most often, then those that are live together with it. */
static void order_channels(const uint32_t *together, uint32_t channels, bool *taken, uint32_t *order)
{
    enum { QUAD = 4 };
    for (uint32_t j = 0; j < channels; j++) {
        uint32_t members = j % QUAD, best = channels;
        double most = -1;
        for (uint32_t c = 0; c < channels; c++) {
            if (taken[c])
                continue;
            double here = attraction(together, channels, c, order + j - members, members);
            if (here > most) {
                most = here;
                best = c;
            }
        }
        taken[best] = true;
        order[j] = best;
    }
}

static int count_all(const br_quantised *quantised, counts *c, const br_samples *samples, uint32_t threads,
                     br_error *error)
{
    br_blocks blocks = {.network = quantised->network,
                        .quantised = quantised,
                        .count = samples->count,
                        .threads = threads,
                        .compute = count_block,
                        .user = c};
    uint64_t members = br_blocks_members(&blocks), square = (uint64_t)c->channels * c->channels;
    if (br_check_shape(quantised->network->model, samples, error) != 0)
        return -1;
    c->together = br_new(members * square, sizeof *c->together, error);
    c->live = c->together ? br_new(members * c->channels, sizeof *c->live, error) : NULL;
    int status = c->live ? br_blocks_run(&blocks, error) : -1;
    for (uint64_t m = 1; status == 0 && m < members; m++)
        for (uint64_t i = 0; i < square; i++)
            c->together[i] += c->together[m * square + i];
    return status;
}

int br_cluster_channels(const br_quantised *quantised, uint32_t layer, const br_samples *samples, uint32_t threads,
                        uint32_t *order, br_error *error)
{
    const br_model *model = quantised->network->model;
    uint32_t channels = model->layers[layer].shape.in.channels;
    br_samples some = *samples;
    some.count = some.count < SAMPLES_MOST ? some.count : SAMPLES_MOST;
    for (uint32_t c = 0; c < channels; c++)
        order[c] = c;
    if (some.count == 0 || channels > CHANNELS_MOST)
        return 0;
    counts c = {.gather = br_gather_new(&some, model->input_range), .layer = layer, .channels = channels};
    bool *taken = br_new(channels, sizeof *taken, error);
    int status = taken ? count_all(quantised, &c, &some, threads, error) : -1;
    if (status == 0)
        order_channels(c.together, channels, taken, order);
    br_release(taken);
    br_release(c.together);
    br_release(c.live);
    return status;
}
