/* Checks the state after an epoch, and warns of layers that never fire or are saturated. */
#include "train/guard.h"

#include <math.h>

#include "base/memory.h"
#include "engine/faults.h"
#include "engine/forward.h"
#include "engine/live.h"
#include "engine/samples.h"

enum {
    SAMPLES = 64,     /* computed for the check */
    LIVE_SAMPLES = 16 /* of these: counting live connections takes as long as computing them */
};
/* The error has exploded if it is this many times the least error so far, and above it by this much. It is the mean
 * over samples of half the sum of |e|. */
static const double EXPLODED_RATIO = 2;
static const double EXPLODED_RISE = 0.2;

int br_guard_begin(br_guard *guard, const br_model *model, br_error *error)
{
    *guard = (br_guard){.least = INFINITY};
    guard->silent = br_new(model->layer_count, sizeof *guard->silent, error);
    guard->full = guard->silent ? br_new(model->layer_count, sizeof *guard->full, error) : NULL;
    guard->odd = guard->full ? br_new(model->layer_count, sizeof *guard->odd, error) : NULL;
    return guard->odd ? 0 : -1;
}

void br_guard_end(br_guard *guard)
{
    br_release(guard->silent);
    br_release(guard->full);
    br_release(guard->odd);
    *guard = (br_guard){0};
}

static void warn(const br_guarded *at, const char *format, const char *layer)
{
    br_error warning, text;
    if (!at->options->warn)
        return;
    br_fail(&text, BR_ERROR_CHECK, format, layer);
    br_fail(&warning, BR_ERROR_CHECK, "Phase %s, epoch %u: %.400s", at->phase, at->epoch, text.message);
    at->options->warn(at->options->user, &warning);
}

/* Of how many values of the first samples neuron k is above 0. */
static uint64_t times_fired(const br_workspace *workspace, uint32_t layer, uint32_t k, uint64_t *all)
{
    const br_layer_code *code = &workspace->model->layers[layer];
    uint64_t fired = 0, places = br_map_places(code->shape.out);
    for (uint32_t n = 0; n < workspace->batch; n++)
        for (uint64_t place = 0; place < places; place++)
            fired += workspace->layers[layer]
                         .out[n * (uint64_t)code->shape.out.sample_stride + place * code->shape.out.pitch + k] > 0;
    *all = workspace->batch * places;
    return fired;
}

/* Homeostasis lets every neuron fire sometimes, so one that never does, or always, is told. */
static void check_balance(br_guard *guard, const br_guarded *at, const br_workspace *workspace, uint32_t layer)
{
    const br_layer_code *code = &workspace->model->layers[layer];
    uint32_t odd = 0, first = 0;
    bool silent = false;
    for (uint32_t k = 0; k < code->shape.neurons; k++) {
        uint64_t all, fired = times_fired(workspace, layer, k, &all);
        if (fired > 0 && fired < all)
            continue;
        if (odd++ == 0) {
            first = k;
            silent = fired == 0;
        }
    }
    if (odd == 0 || guard->odd[layer])
        return;
    guard->odd[layer] = true;
    br_error text;
    br_fail(
        &text, BR_ERROR_CHECK,
        "layer %s: neuron %u %s for the first samples, although its drives are standardised (%u of %u neurons never "
        "fire, or always); lower eta, or move the start of the ramp: `homeostasis(%g, %g)`",
        code->name, first, silent ? "never fires" : "always fires", odd, code->shape.neurons,
        (double)code->parameters.ramp, (double)code->parameters.ramp_from + (silent ? -0.5 : 0.5));
    warn(at, "%s", text.message);
}

static void check_layer(br_guard *guard, const br_guarded *at, const br_workspace *workspace, uint32_t layer)
{
    const br_layer_code *code = &workspace->model->layers[layer];
    const float *out = workspace->layers[layer].out;
    uint64_t fired = 0, full = 0, all = 0;
    for (uint32_t n = 0; n < workspace->batch; n++)
        for (uint64_t place = 0; place < br_map_places(code->shape.out); place++)
            for (uint32_t k = 0; k < code->shape.out.channels; k++, all++) {
                float o = out[n * (uint64_t)code->shape.out.sample_stride + place * code->shape.out.pitch + k];
                fired += o > 0;
                full += o >= code->parameters.range_out;
            }
    if (fired == 0 && !guard->silent[layer]) {
        guard->silent[layer] = true;
        warn(at,
             "layer %s never fires: its output is 0 for all of the first samples; initialise it with lower bounds "
             "(alpha = uniform(0, 0.3)), or raise `sum scaled`",
             code->name);
    }
    if (full == all && !guard->full[layer]) {
        guard->full[layer] = true;
        warn(at,
             "layer %s is saturated: every output is at its maximum for all of the first samples; lower `sum scaled`, "
             "or initialise it with higher bounds",
             code->name);
    }
}

static void count_live(const br_guarded *at, const br_workspace *workspace)
{
    uint32_t n = workspace->batch < LIVE_SAMPLES ? workspace->batch : LIVE_SAMPLES;
    for (uint32_t l = 0; at->live && l < workspace->model->layer_count; l++) {
        double sum = 0;
        for (uint32_t i = 0; l <= at->top && i < n; i++)
            sum += br_live_share(&workspace->model->layers[l], &workspace->layers[l], br_has_lists(workspace, l), i);
        at->live[l] = l <= at->top ? (float)(sum / n) : NAN;
    }
}

/* Computes a few samples with the current state, on one thread. */
static int check_signal(br_guard *guard, const br_guarded *at, br_error *error)
{
    br_workspace *workspace;
    uint32_t n = at->samples->count < SAMPLES ? (uint32_t)at->samples->count : SAMPLES;
    br_gather gather = br_gather_new(at->samples, at->network->model->input_range);
    if (br_workspace_new(at->network, n, false, &workspace, error) != 0)
        return -1;
    br_gather_batch(&gather, 0, (br_part){0, n}, workspace);
    br_forward_alone(workspace, 0, at->top + 1, 0, n);
    int status = br_check_faults(workspace, 0, n, error);
    /* The last layer is left out: its answer is its drives, whether it fires or not. */
    for (uint32_t i = 0; status == 0 && i <= at->top && i < br_last_layer(workspace->model); i++)
        (workspace->model->layers[i].parameters.homeostasis ? check_balance : check_layer)(guard, at, workspace, i);
    if (status == 0)
        count_live(at, workspace);
    br_workspace_free(workspace);
    return status;
}

static void check_error(br_guard *guard, const br_guarded *at)
{
    if (at->mean_error < guard->least) {
        guard->least = at->mean_error;
        guard->least_epoch = at->epoch;
    }
    if (guard->rising || at->mean_error < EXPLODED_RATIO * guard->least ||
        at->mean_error < guard->least + EXPLODED_RISE)
        return;
    guard->rising = true;
    char text[96];
    snprintf(text, sizeof text, "from %.3f after epoch %u to %.3f", guard->least, guard->least_epoch, at->mean_error);
    warn(at, "the error rose %s: the steps are too long; lower eta, or let it decay faster", text);
}

static int check(br_guard *guard, const br_guarded *at, br_error *error)
{
    for (uint32_t i = 0; i <= at->top; i++)
        if (br_check_state(&at->network->model->layers[i], &at->network->layers[i], false, error) != 0)
            return -1;
    if (!isfinite(at->mean_error))
        return br_fail(error, BR_ERROR_FAULT, "the error is not finite; lower eta");
    if (at->mean_error >= 0)
        check_error(guard, at);
    return check_signal(guard, at, error);
}

int br_guard_check(br_guard *guard, const br_guarded *at, br_error *error)
{
    br_error cause;
    if (check(guard, at, &cause) == 0)
        return 0;
    return br_fail(error, cause.kind, "Phase %s, epoch %u: %.440s", at->phase, at->epoch, cause.message);
}
