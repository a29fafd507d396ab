#include "engine/useful.h"

#include <stdatomic.h>

#include "base/memory.h"
#include "engine/blocks.h"
#include "engine/forward.h"
#include "engine/samples.h"

enum {
    SAMPLES_MOST = 1024, /* samples that are looked at, spread over all: more do not change the order much */
    KINDS_MOST = 16384   /* a layer with more inputs does not tell them apart */
};

typedef struct looking {
    br_gather gather;
    uint64_t samples, of; /* how many are looked at, of how many */
    br_seen *seen;
    uint32_t count;
    atomic_uint **counts; /* [count][kinds][BR_USEFUL_QUANTA]: how often each quantum was read */
} looking;

/* Threads add to the same counts: sums of whole numbers do not depend on their order. */
static void count_values(const looking *look, uint32_t at, const br_workspace *workspace, uint32_t n)
{
    const br_seen *seen = &look->seen[at];
    const br_layer_code *code = &workspace->model->layers[seen->layer];
    const br_map *map = &code->shape.in;
    float most = BR_USEFUL_QUANTA - 1, per_quantum = most / code->parameters.range_in;
    for (uint32_t i = 0; i < n; i++) {
        const float *in = workspace->layers[seen->layer].in + (uint64_t)i * map->sample_stride;
        for (uint64_t v = 0; v < br_map_values(*map); v++) {
            float o = in[v / map->channels * map->pitch + v % map->channels];
            float quanta = o * per_quantum + 0.5f;
            uint64_t quantum = (uint64_t)(quanta < most ? quanta : most);
            uint64_t place = v % seen->kinds * BR_USEFUL_QUANTA + quantum;
            if (o > 0)
                atomic_fetch_add_explicit(&look->counts[at][place], 1, memory_order_relaxed);
        }
    }
}

static int look_at_block(void *user, const br_workspace *workspace, uint32_t member, uint64_t first, uint32_t n,
                         br_error *error)
{
    const looking *look = user;
    uint64_t stride = workspace->model->layers[0].shape.in.sample_stride;
    uint32_t from = 0;
    (void)member;
    (void)error;
    for (uint32_t i = 0; i < n; i++)
        br_gather_sample(&look->gather, (first + i) * look->of / look->samples, 0, 0, false,
                         workspace->in + i * stride);
    for (uint32_t at = 0; at < look->count; at++) {
        uint32_t layer = look->seen[at].layer;
        br_forward_alone(workspace, from, layer, 0, n);
        br_join(workspace, layer, 0, n);
        count_values(look, at, workspace, n);
        from = layer;
    }
    return 0;
}

static uint32_t kinds_of(const br_layer_code *code)
{
    uint64_t kinds = code->kind == BT_LAYER_CONV ? code->shape.in.channels : br_map_values(code->shape.in);
    return kinds <= KINDS_MOST ? (uint32_t)kinds : 1;
}

uint64_t br_seen_bytes(const br_layer_code *code)
{
    return (uint64_t)kinds_of(code) * BR_USEFUL_QUANTA * (sizeof(br_above) + sizeof(atomic_uint));
}

/* From how often each quantum was read to the sums over what is above each. */
static void sum_up(br_seen *seen, const atomic_uint *counts, double range)
{
    for (uint32_t kind = 0; kind < seen->kinds; kind++) {
        br_above above = {0}, *all = seen->above + (uint64_t)kind * BR_USEFUL_QUANTA;
        for (uint32_t q = BR_USEFUL_QUANTA; q-- > 0;) {
            double n = atomic_load_explicit(&counts[(uint64_t)kind * BR_USEFUL_QUANTA + q], memory_order_relaxed);
            double o = range * q / (BR_USEFUL_QUANTA - 1);
            all[q] = above;
            above.count += n;
            above.sum += n * o;
        }
    }
}

static int take(looking *look, const br_model *model, br_error *error)
{
    look->counts = br_new(look->count, sizeof *look->counts, error);
    for (uint32_t i = 0; look->counts && i < look->count; i++) {
        br_seen *seen = &look->seen[i];
        const br_layer_code *code = &model->layers[seen->layer];
        seen->kinds = kinds_of(code);
        seen->values = look->samples * br_map_values(code->shape.in) / seen->kinds;
        seen->above = br_new((uint64_t)seen->kinds * BR_USEFUL_QUANTA, sizeof *seen->above, error);
        look->counts[i] =
            seen->above ? br_new((uint64_t)seen->kinds * BR_USEFUL_QUANTA, sizeof **look->counts, error) : NULL;
        if (!look->counts[i])
            return -1;
    }
    return look->counts ? 0 : -1;
}

/* So many samples that no count of a large map exceeds 32 bits. */
static uint64_t samples_to_see(const br_seen *seen, uint32_t count, const br_model *model, uint64_t samples)
{
    uint64_t most = samples < SAMPLES_MOST ? samples : SAMPLES_MOST;
    for (uint32_t i = 0; i < count; i++) {
        const br_layer_code *code = &model->layers[seen[i].layer];
        uint64_t fit = UINT32_MAX / (br_map_values(code->shape.in) / kinds_of(code));
        most = fit < most ? fit : most;
    }
    return most;
}

int br_seen_fill(br_seen *seen, uint32_t count, const br_network *network, const br_samples *samples, uint32_t threads,
                 br_error *error)
{
    const br_model *model = network->model;
    looking look = {.gather = br_gather_new(samples, model->input_range),
                    .samples = samples_to_see(seen, count, model, samples->count),
                    .of = samples->count,
                    .seen = seen,
                    .count = count};
    br_blocks blocks = {
        .network = network, .count = look.samples, .threads = threads, .compute = look_at_block, .user = &look};
    int status = take(&look, model, error);
    if (status == 0)
        status = br_blocks_run(&blocks, error);
    for (uint32_t i = 0; look.counts && i < count; i++) {
        if (status == 0)
            sum_up(&seen[i], look.counts[i], (double)model->layers[seen[i].layer].parameters.range_in);
        br_release(look.counts[i]);
    }
    br_release(look.counts);
    return status;
}

void br_seen_free(br_seen *seen, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        br_release(seen[i].above);
}

double br_useful(const br_seen *seen, const br_layer_code *code, uint32_t input, double alpha, double gain)
{
    double quantum = alpha * (BR_USEFUL_QUANTA - 1) / (double)code->parameters.range_in;
    if (quantum >= BR_USEFUL_QUANTA - 1)
        return 0;
    const br_above *above = &seen->above[(uint64_t)(input % seen->kinds) * BR_USEFUL_QUANTA + (uint32_t)quantum];
    double values = (double)seen->values, live = above->count / values;
    return gain * (above->sum / values - alpha * live) / (1 - alpha) * live;
}
