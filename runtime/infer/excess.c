#include "infer/excess.h"

#include "base/memory.h"
#include "engine/blocks.h"
#include "engine/forward.h"
#include "engine/int8.h"
#include "engine/samples.h"

enum {
    SAMPLES_MOST = 1024, /* samples that are counted: means do not become better with more */
    KINDS_MOST = 16384
};

typedef struct counts {
    br_gather gather;
    uint32_t layer, kinds;
    float per_quantum;
    br_excess *excess; /* [kinds]: at first how often each quantum was seen */
} counts;

static int count_block(void *user, const br_workspace *workspace, uint32_t member, uint64_t first, uint32_t n,
                       br_error *error)
{
    const counts *c = user;
    const br_map *map = &workspace->model->layers[c->layer].shape.in;
    (void)member;
    (void)error;
    br_gather_batch(&c->gather, first, (br_part){0, n}, workspace);
    br_forward_alone(workspace, 0, c->layer, 0, n);
    br_join(workspace, c->layer, 0, n);
    for (uint32_t i = 0; i < n; i++) {
        const float *in = workspace->layers[c->layer].in + (uint64_t)i * map->sample_stride;
        for (uint64_t v = 0; v < br_map_values(*map); v++) {
            float o = in[v / map->channels * map->pitch + v % map->channels];
            c->excess[v % c->kinds].sums[br_quantum_of(o, c->per_quantum)]++;
        }
    }
    return 0;
}

/* From how often each quantum was seen to the sums of what exceeds each alpha. */
static void sum_up(br_excess *e)
{
    uint64_t above = 0, sum = 0;
    for (uint32_t a = BR_QUANTA; a-- > 0;) {
        uint64_t seen = e->sums[a];
        sum += above; /* each value above a exceeds it by one more than it exceeds a + 1 */
        e->sums[a] = sum;
        above += seen;
    }
    e->sums[BR_QUANTA] = 0;
}

static void scale(br_excess *excess, uint32_t kinds)
{
    uint64_t most = 0;
    uint32_t shift = 0;
    for (uint32_t k = 0; k < kinds; k++)
        most = excess[k].sums[0] > most ? excess[k].sums[0] : most;
    while (most >> shift >> BR_EXCESS_MOST != 0)
        shift++;
    for (uint32_t k = 0; shift > 0 && k < kinds; k++)
        for (uint32_t a = 0; a < BR_QUANTA; a++)
            excess[k].sums[a] >>= shift;
}

static uint32_t kinds_of(const br_layer_code *code, uint64_t samples)
{
    uint64_t kinds = code->kind == BT_LAYER_CONV ? code->shape.in.channels : br_map_values(code->shape.in);
    return samples > 0 && kinds <= KINDS_MOST ? (uint32_t)kinds : 1;
}

int br_excess_of(const br_quantised *quantised, uint32_t layer, const br_samples *samples, uint32_t *kinds,
                 br_excess **out, br_error *error)
{
    const br_model *model = quantised->network->model;
    br_samples some = *samples;
    some.count = some.count < SAMPLES_MOST ? some.count : SAMPLES_MOST;
    counts c = {.layer = layer,
                .kinds = kinds_of(&model->layers[layer], some.count),
                .per_quantum = br_quantised_scales(quantised, layer).per_quantum};
    br_blocks blocks = {.network = quantised->network,
                        .quantised = quantised,
                        .count = some.count,
                        .threads = 1,
                        .compute = count_block,
                        .user = &c};
    c.excess = br_new(c.kinds, sizeof *c.excess, error);
    int status = c.excess ? 0 : -1;
    for (uint32_t a = 0; status == 0 && some.count == 0 && a < BR_QUANTA; a++)
        c.excess->sums[a] = 1;
    if (some.count > 0)
        c.gather = br_gather_new(&some, model->input_range);
    if (status == 0 && some.count > 0)
        status = br_check_shape(model, &some, error) != 0 ? -1 : br_blocks_run(&blocks, error);
    for (uint32_t k = 0; status == 0 && k < c.kinds; k++)
        sum_up(&c.excess[k]);
    if (status == 0)
        scale(c.excess, c.kinds);
    else
        br_release(c.excess);
    *kinds = c.kinds;
    *out = status == 0 ? c.excess : NULL;
    return status;
}
