/* The memory that a training needs, computed before it begins. A training that needs too much is refused at once,
 * instead of being killed later. */
#include "train/train_memory.h"

#include <stdio.h>

#include "base/memory.h"
#include "engine/features.h"
#include "engine/forward.h"
#include "engine/winners.h"
#include "engine/workspace_pool.h"
#include "train/homeostasis.h"
#include "train/replicas.h"
#include "train/settle.h"
#include "train/stages.h"

static void add(uint64_t *total, uint64_t bytes)
{
    if (!br_add(*total, bytes, total))
        *total = UINT64_MAX;
}

static uint64_t times(uint64_t a, uint64_t b)
{
    uint64_t product;
    return br_multiply(a, b, &product) ? product : UINT64_MAX;
}

static uint64_t state_bytes(const br_model *model)
{
    uint64_t floats = 0;
    for (uint32_t i = 0; i < model->layer_count; i++) {
        add(&floats, br_layer_bounds_count(&model->layers[i]));
        add(&floats, br_theta_count(&model->layers[i]) + model->layers[i].layout.pitch);
    }
    return times(floats, sizeof(float));
}

static uint64_t samples_bytes(const br_samples *s)
{
    uint64_t values =
        times(times(times(s->shape.height, s->shape.width), s->shape.channels), s->bytes ? 1 : sizeof(float));
    add(&values, s->labels ? sizeof *s->labels : 0);
    return times(s->count, values);
}

uint32_t br_feature_cut(const br_model *model, const br_phase *phase)
{
    uint32_t cut = 0;
    while (cut < phase->layers[0] && model->layers[cut].parameters.jitter == 0)
        cut++;
    return br_can_cut(model, cut) ? cut : 0;
}

/* Images that are moved or cut out are new in every epoch. */
static bool keeps_samples(const br_phase *phase)
{
    return phase->kind == BT_PHASE_CORRECT && !phase->shift && !phase->cutout;
}

bool br_keeps_winners(const br_model *model, const br_phase *phase)
{
    uint32_t cut = keeps_samples(phase) ? br_feature_cut(model, phase) : 0;
    return cut > 0 && cut < phase->layers[0] && br_winners_served(model, cut);
}

uint64_t br_winners_bytes(const br_model *model, const br_data *data, const br_phase *phase)
{
    if (!br_keeps_winners(model, phase))
        return 0;
    return times(times(br_data_split(data, BT_SPLIT_TRAIN)->count, phase->mirror ? 2 : 1),
                 br_winners_most(model, br_feature_cut(model, phase)));
}

uint64_t br_feature_bytes(const br_model *model, const br_data *data, const br_phase *phase)
{
    uint64_t samples = times(br_data_split(data, BT_SPLIT_TRAIN)->count, phase->mirror ? 2 : 1);
    uint32_t cut = keeps_samples(phase) ? br_feature_cut(model, phase) : 0;
    if (cut == 0)
        return 0;
    if (br_keeps_winners(model, phase)) { /* in validation the cells rest, so their output is kept */
        samples = 0;
        cut++;
    }
    add(&samples, br_data_split(data, BT_SPLIT_VALIDATION)->count);
    return times(times(samples, model->layers[cut].shape.in.sample_stride), sizeof(float));
}

/* What a training of this process needs, alone or as one of `ranks`. */
static void need_of(const br_model *model, const br_schedule *schedule, const br_data *data,
                    const br_train_options *options, br_memory_need *out)
{
    uint32_t threads = options->threads ? options->threads : br_processors();
    bool keeps = false, settles = br_has_homeostasis(model, 0);
    uint64_t besides = 0;
    *out = (br_memory_need){.available = br_memory_available()};
    for (int split = 0; split < BT_SPLITS; split++)
        add(&out->data, samples_bytes(br_data_split(data, (bt_split)split)));
    for (uint32_t i = 0; i < schedule->phase_count; i++) {
        const br_phase *phase = &schedule->phases[i];
        bool learns = settles || phase->kind == BT_PHASE_CORRECT;
        uint64_t batch = learns ? br_workspace_bytes(model, br_settle_batch(phase), true) : 0;
        out->batch = batch > out->batch ? batch : out->batch;
        uint64_t own = br_moments_bytes(model, phase);
        add(&own, br_homeostasis_bytes(model, phase));
        add(&own, br_prune_bytes(model, phase));
        add(&own, threads > 1 && !br_has_replicas(phase) ? br_stages_bytes(model, phase) : 0);
        besides = own > besides ? own : besides;
        uint64_t replicas = br_replicas_bytes(model, phase, options->ranks, threads);
        out->replicas = replicas > out->replicas ? replicas : out->replicas;
        uint64_t features = br_feature_bytes(model, data, phase);
        out->features = features > out->features ? features : out->features;
        uint64_t winners = br_winners_bytes(model, data, phase);
        out->winners = winners > out->winners ? winners : out->winners;
        keeps = keeps || phase->keep_best;
    }
    out->network = times(state_bytes(model), keeps ? 2 : 1);
    add(&out->network, besides);
    out->scoring = times(br_workspace_bytes(model, br_block_of(model), false), threads);
    add(&out->scoring, br_workspace_pool_packed_bytes(model));
    out->order = times(br_data_split(data, BT_SPLIT_TRAIN)->count, 2 * sizeof(uint32_t));
    add(&out->total, out->network);
    add(&out->total, out->batch);
    add(&out->total, out->replicas);
    add(&out->total, out->scoring);
    add(&out->total, out->order);
}

void br_train_need(const br_model *model, const br_schedule *schedule, const br_data *data, uint32_t threads,
                   br_memory_need *out)
{
    need_of(model, schedule, data, &(br_train_options){.threads = threads}, out);
}

/* Whether a phase keeps means of steps, which take as much memory as the network or twice as much. */
static bool keeps_means(const br_model *model, const br_schedule *schedule)
{
    for (uint32_t i = 0; i < schedule->phase_count; i++)
        if (br_moments_bytes(model, &schedule->phases[i]) > 0)
            return true;
    return false;
}

int br_train_fits(const br_model *model, const br_schedule *schedule, const br_data *data,
                  const br_train_options *options, br_error *error)
{
    br_memory_need need;
    need_of(model, schedule, data, options, &need);
    if (need.total <= need.available)
        return 0;
    double mega = 1e-6;
    char replicas[64] = "";
    if (need.replicas > 0)
        snprintf(replicas, sizeof replicas, "replicas %.0f MB, ", (double)need.replicas * mega);
    bool means = keeps_means(model, schedule);
    return br_fail(
        error, BR_ERROR_CHECK,
        "network %s: training needs %.0f MB besides %.0f MB of data (a batch %.0f MB, %sscoring %.0f MB, the "
        "network%s %.0f MB), and %.0f MB are available; use a smaller `batch`, fewer neurons%s%s or fewer --threads",
        model->name, (double)need.total * mega, (double)need.data * mega, (double)need.batch * mega, replicas,
        (double)need.scoring * mega, means ? " and the means of its steps" : "", (double)need.network * mega,
        (double)need.available * mega, means ? ", no `momentum` and `adaptive`," : "",
        need.replicas > 0 ? ", fewer `replicas`" : "");
}
