/* Training: the phases of a schedule one after another, from the beginning or from a checkpoint. */
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "engine/calibrate.h"
#include "engine/samples.h"
#include "train/agree.h"
#include "train/compete.h"
#include "train/phase_compete.h"
#include "train/phase_correct.h"
#include "train/rates.h"
#include "train/replicas.h"
#include "train/settle.h"
#include "train/train_memory.h"

/* The cells of the phase's readouts are calibrated before the first phase that corrects them. */
static int prepare_readouts(br_trainer *t, const br_phase *phase, br_error *error)
{
    const br_model *model = t->network->model;
    const br_samples *train = br_data_split(t->data, BT_SPLIT_TRAIN);
    for (uint32_t i = phase->layer_count - phase->readout_count; i < phase->layer_count; i++) {
        uint32_t cells = model->layers[phase->layers[i]].sources[0];
        if (cells > br_last_layer(model) && !t->network->layers[cells].calibrated &&
            br_calibrate_pool(t->network, train, cells, error) != 0)
            return -1;
    }
    return 0;
}

/* The target of the fields from which a layer starts: that of the phase. Tied levels start at the linear one, unless
 * the phase lets the layer compete for another. */
static bt_target start_target(const br_layer_code *code, const br_phase *phase, uint32_t layer)
{
    bool competes = phase->kind == BT_PHASE_COMPETE && phase->compete == layer;
    return code->parameters.tied > 0 && !competes ? BT_TARGET_LINEAR : phase->target;
}

/* Prepares the layers up to `top`: settles those with homeostasis, draws filters from patches, and calibrates summing
 * pools. */
static int prepare_layers(br_trainer *t, uint32_t top, const br_phase *phase, br_error *error)
{
    uint32_t batch = br_settle_batch(phase);
    const br_samples *train = br_data_split(t->data, BT_SPLIT_TRAIN);
    if (br_settle_all(t->network, t->team, train, batch, error) != 0)
        return -1;
    for (uint32_t i = 0; i <= top; i++) {
        bool patches = t->schedule->starts[i].start == BT_START_PATCHES && !t->started[i];
        bool pool = t->network->model->layers[i].parameters.calibrates && !t->network->layers[i].calibrated && i < top;
        t->started[i] = true;
        bt_target target = start_target(&t->network->model->layers[i], phase, i);
        if (patches && br_start_from_patches(t->network, train, i, target, t->schedule->seed, error) != 0)
            return -1;
        if (patches && br_settle_all(t->network, t->team, train, batch, error) != 0)
            return -1;
        if (pool && br_calibrate_pool(t->network, train, i, error) != 0)
            return -1;
    }
    return 0;
}

/* Prepares a phase that begins. A resumed phase has its layers as they were. */
static int prepare_phase(br_trainer *t, const br_phase *phase, bool compete, br_error *error)
{
    const br_model *model = t->network->model;
    uint32_t top = compete ? phase->compete : br_last_layer(model);
    if (t->at.begun)
        return 0;
    if (prepare_layers(t, top, phase, error) != 0 || prepare_readouts(t, phase, error) != 0 ||
        br_methods_choose(t->network, br_data_split(t->data, BT_SPLIT_TRAIN), error) != 0)
        return -1;
    t->best_accuracy = -1;
    t->at.begun = 1;
    return 0;
}

static int run_phase_here(br_trainer *t, uint32_t phase_index, br_error *error)
{
    const br_phase *phase = &t->schedule->phases[phase_index];
    bool compete = phase->kind == BT_PHASE_COMPETE;
    t->phase_begin = br_trainer_seconds(t);
    if (compete && !t->at.begun)
        memset(t->wins, 0, t->network->model->layers[phase->compete].shape.neurons * sizeof *t->wins);
    br_trainer_stage(t, "preparing the layers");
    if (prepare_phase(t, phase, compete, error) != 0)
        return -1;
    int status = br_guard_begin(&t->guard, t->network->model, error);
    if (status == 0)
        status = compete ? br_compete_run(t, phase_index, error) : br_correct_run(t, phase_index, error);
    br_guard_end(&t->guard);
    return status;
}

/* With ranks, a phase without replicas runs on rank 0 alone. */
static int run_phase(br_trainer *t, uint32_t phase_index, br_error *error)
{
    const br_ranks *ranks = t->options->ranks;
    if (!ranks || br_has_replicas(&t->schedule->phases[phase_index]))
        return run_phase_here(t, phase_index, error);
    br_trainer_stage(t, "waiting for the phase that rank 0 runs");
    return br_agree_on(t, ranks->rank == 0 ? run_phase_here(t, phase_index, error) : 0, error);
}

/* A small batch would spend its time at barriers, so it gets fewer members; replicas have no barriers in a batch. The
 * result is the same. */
static uint32_t useful_members(const br_model *model, const br_schedule *schedule, const br_ranks *ranks,
                               uint32_t threads)
{
    uint64_t connections = 0, batch = 0, replicas = 0;
    for (uint32_t i = 0; i < model->layer_count; i++)
        connections += (uint64_t)model->layers[i].shape.inputs * model->layers[i].shape.neurons *
                       model->layers[i].shape.out.height * model->layers[i].shape.out.width;
    for (uint32_t i = 0; i < schedule->phase_count; i++) {
        br_part own = br_replicas_of(schedule->phases[i].replicas, ranks);
        if (schedule->phases[i].batch > batch)
            batch = schedule->phases[i].batch;
        if (br_has_replicas(&schedule->phases[i]) && own.to - own.from > replicas)
            replicas = own.to - own.from;
    }
    uint64_t parts = connections * batch / 100000 + 1;
    parts = parts > replicas ? parts : replicas;
    return parts < threads ? (uint32_t)parts : threads;
}

/* Labels are needed only by correcting phases. */
static int check_samples(const br_data *data, const br_model *model, const br_schedule *schedule, br_error *error)
{
    const br_samples *samples = br_data_split(data, BT_SPLIT_TRAIN),
                     *validation = br_data_split(data, BT_SPLIT_VALIDATION);
    bool corrects = false;
    for (uint32_t i = 0; i < schedule->phase_count; i++)
        corrects = corrects || schedule->phases[i].kind == BT_PHASE_CORRECT;
    if (samples->count == 0)
        return br_fail(error, BR_ERROR_CHECK, "network %s: no training samples; name a train source in the data block",
                       model->name);
    if (samples->count > UINT32_MAX)
        return br_fail(error, BR_ERROR_CHECK, "network %s: %llu training samples; the limit is %u", model->name,
                       (unsigned long long)samples->count, UINT32_MAX);
    if (br_check_shape(model, samples, error) != 0 ||
        (corrects && br_check_labels(model, samples, "correct", error) != 0))
        return -1;
    if (validation->count == 0)
        return 0;
    if (br_check_shape(model, validation, error) != 0)
        return -1;
    return corrects ? br_check_labels(model, validation, "validate", error) : 0;
}

#define STOPPED_MOST 2000u /* samples that calibrate a training that was stopped */

/* Fits the sharpness on the validation samples, or on the training samples if there are none. A schedule that only
 * competes needs no labels, so the sharpness stays as it is. Who has stopped a training does not want to wait: a few
 * samples will do then. */
static int calibrate(br_trainer *t, br_error *error)
{
    const br_samples *validation = br_data_split(t->data, BT_SPLIT_VALIDATION);
    bool corrects = false;
    for (uint32_t i = 0; i < t->schedule->phase_count; i++)
        corrects = corrects || t->schedule->phases[i].kind == BT_PHASE_CORRECT;
    if (!corrects)
        return 0;
    br_samples samples = validation->count > 0 ? *validation : *br_data_split(t->data, BT_SPLIT_TRAIN);
    if (t->result->stopped && samples.count > STOPPED_MOST)
        samples.count = STOPPED_MOST;
    bool stopped = t->result->stopped; /* all epochs have ended, so there is nothing to stop */
    br_trainer_step(t, "calibrating the probabilities");
    int status = br_calibrate_together(t->network, &samples, t->options->threads, t->options->ranks, error);
    br_trainer_step_end(t);
    t->result->stopped = stopped;
    return status;
}

/* Takes over the epochs that ended before. A caller that keeps no history leaves them. */
static int take_history(const br_trainer *t, const br_checkpoint *from, br_error *error)
{
    br_history *to = t->options->history, *kept;
    if (!to || !from->history)
        return 0;
    if (br_history_read(from->history, &kept, error) != 0)
        return -1;
    br_history old = *to;
    *to = *kept;
    *kept = old;
    br_history_free(kept);
    return 0;
}

/* Takes over the layers. The kernels of their methods are compiled, with which even a phase that begins settles them. */
static int take_network(br_trainer *t, const br_network *from, br_error *error)
{
    int status = 0;
    br_network_copy(t->network, from);
    for (uint32_t i = 0; status == 0 && i < from->model->layer_count; i++)
        status = br_method_make(t->network, i, t->network->layers[i].training, error);
    return status;
}

/* Continues from a checkpoint. Its sample numbers are checked here, where the number of samples is known. */
static int resume(br_trainer *t, const br_checkpoint *from, br_error *error)
{
    uint64_t count = br_data_split(t->data, BT_SPLIT_TRAIN)->count;
    const br_checkpoint_head *h = &from->head;
    bool competes = h->wins > 0;
    if ((!competes && h->done > count) || h->image >= count)
        return br_fail(error, BR_ERROR_CHECK,
                       "%s: its position is sample %llu, but there are %llu samples; the data have changed", from->path,
                       (unsigned long long)(h->image >= count ? h->image : h->done), (unsigned long long)count);
    if (take_network(t, from->network, error) != 0)
        return -1;
    memcpy(t->started, from->started, t->network->model->layer_count * sizeof *t->started);
    memcpy(t->wins, from->wins, h->wins * sizeof *t->wins);
    t->at = *h;
    t->best_accuracy = h->best_accuracy;
    *t->result = from->position.result;
    t->begin -= h->seconds;
    t->saved = h->seconds;
    return take_history(t, from, error);
}

static int allocate(br_trainer *t, br_error *error)
{
    const br_model *model = t->network->model;
    uint64_t count = br_data_split(t->data, BT_SPLIT_TRAIN)->count, filters = 0;
    for (uint32_t i = 0; i < model->layer_count; i++)
        filters = model->layers[i].shape.neurons > filters ? model->layers[i].shape.neurons : filters;
    if (br_orders_new(&t->orders, t->schedule->seed, (uint32_t)count, error) != 0)
        return -1;
    t->started = br_new(model->layer_count, sizeof *t->started, error);
    t->wins = t->started ? br_new(filters, sizeof *t->wins, error) : NULL;
    t->live = t->wins ? br_new(model->layer_count, sizeof *t->live, error) : NULL;
    return t->live ? 0 : -1;
}

static int run_schedule(br_trainer *t, br_error *error)
{
    const br_schedule *schedule = t->schedule;
    uint32_t threads = t->options->threads ? t->options->threads : br_processors();
    br_orders_begin(&t->orders, (uint32_t)t->at.number);
    int status = br_team_new(useful_members(t->network->model, schedule, t->options->ranks, threads), &t->team, error);
    while (status == 0 && t->at.phase < schedule->phase_count && !t->result->stopped)
        status = run_phase(t, (uint32_t)t->at.phase, error);
    br_orders_end(&t->orders);
    br_team_free(t->team);
    return status;
}

int br_train(br_network *network, const br_schedule *schedule, const br_data *data, const br_train_options *options,
             br_train_result *out, br_error *error)
{
    const br_train_options usual = {0};
    options = options ? options : &usual;
    *out = (br_train_result){.validation = -1};
    if (check_samples(data, network->model, schedule, error) != 0 ||
        br_check_rates(schedule, br_data_split(data, BT_SPLIT_TRAIN)->count, error) != 0 ||
        br_train_fits(network->model, schedule, data, options, error) != 0)
        return -1;
    br_trainer t = {.network = network,
                    .schedule = schedule,
                    .data = data,
                    .options = options,
                    .result = out,
                    .begin = br_now(),
                    .best_accuracy = -1};
    int status = allocate(&t, error);
    if (status == 0 && options->resume)
        status = resume(&t, options->resume, error);
    if (status == 0 && (options->checkpoint || options->ranks))
        br_checkpoint_identify(&t.at, network->model, options->facts);
    if (status == 0 && br_agree(&t, error) != 0) {
        status = -1;
        out->agreed = error->kind == BR_ERROR_CHECK;
    }
    if (status == 0)
        status = run_schedule(&t, error);
    if (status == 0)
        status = calibrate(&t, error);
    br_release(t.wins);
    br_release(t.live);
    br_orders_free(&t.orders);
    br_release(t.started);
    out->seconds = br_trainer_seconds(&t);
    return status;
}
