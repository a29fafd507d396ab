/* What can be said of a state that must not be: where it is, and what to try. */
#include "train/guard.h"

#include <float.h>
#include <math.h>

#include "base/memory.h"
#include "data/batch.h"

enum { SAMPLES = 64 };        /* that layers are asked about */
static const double ROSE = 2; /* times the least error: it explodes; */
static const double BY = 0.2; /* and by so much: an epoch's error is a mean share of answers */

/* ---- one value ---- */

typedef struct range {
    float low, high;
} range;

static bool within(range r, float value)
{
    return value >= r.low && value <= r.high; /* what is no number lies within nothing */
}

/* As printed nothing keeps alpha below alpha_max. */
static range range_of_bounds(const br_layer_code *code, bool as_promised)
{
    float most = code->form == BR_FORM_V ? code->reach : as_promised ? code->alpha_max : FLT_MAX;
    return (range){-most, most};
}

static bool first_outside(const float *values, uint64_t count, range r, uint64_t *at)
{
    for (*at = 0; *at < count; ++*at)
        if (!within(r, values[*at]))
            return true;
    return false;
}

static int outside(const br_layer_code *code, const char *where, const char *what, float value, range r,
                   br_error *error)
{
    return br_fail(error, BR_ERROR_FAULT, "layer %s, %s: %s is %g, outside [%g, %g]; %s", code->name, where, what,
                   (double)value, (double)r.low, (double)r.high,
                   code->form == BR_FORM_ALPHA ? "as printed nothing keeps it there: try rule repaired"
                                               : "a fault of bouton or of the machine's memory");
}

/* Told as alpha, which is how the text has it. */
static int outside_bound(const br_layer_code *code, const char *where, float w, br_error *error)
{
    float alpha = code->form == BR_FORM_V ? 1 - 1 / (code->a_max - fabsf(w)) : fabsf(w);
    return outside(code, where, "alpha", alpha, (range){code->form == BR_FORM_V ? code->alpha_min : 0, code->alpha_max},
                   error);
}

static int outside_state(const br_layer_code *code, const br_layer_bounds *layer, bool as_promised, br_error *error)
{
    char where[64];
    uint64_t at;
    range bounds = range_of_bounds(code, as_promised),
          thetas = {0, code->form == BR_FORM_V ? code->theta_max : FLT_MAX};
    if (code->kind == BR_LAYER_POOL)
        return 0;
    if (first_outside(layer->bounds, br_layer_bounds_count(code), bounds, &at)) {
        snprintf(where, sizeof where, "neuron %llu, input %llu", (unsigned long long)(at % code->stride),
                 (unsigned long long)(at / code->stride));
        return outside_bound(code, where, layer->bounds[at], error);
    }
    if (first_outside(layer->theta, code->stride, thetas, &at)) {
        snprintf(where, sizeof where, "neuron %llu", (unsigned long long)at);
        return outside(code, where, "its threshold", layer->theta[at], thetas, error);
    }
    return 0;
}

/* ---- what compiled code noted ---- */

static int outside_signal(const br_layer_code *code, const br_layer_state *s, uint64_t sample, uint32_t n, bool drive,
                          br_error *error)
{
    char where[64];
    uint64_t at;
    range r = drive ? (range){-FLT_MAX, FLT_MAX} : (range){0, code->range_out * (1 + 8 * FLT_EPSILON)};
    const float *values = drive ? s->drive : s->out;
    if (!first_outside(values, (uint64_t)n * code->out.stride, r, &at))
        return br_fail(error, BR_ERROR_FAULT,
                       "layer %s: %s was outside its range for a moment; a fault of bouton or of the machine's memory",
                       code->name, drive ? "a drive" : "an activation");
    snprintf(where, sizeof where, "sample %llu, value %llu", (unsigned long long)(sample + at / code->out.stride),
             (unsigned long long)(at % code->out.stride));
    return outside(code, where, drive ? "a drive" : "an activation", values[at], r, error);
}

int br_guard_faults(const br_work *work, uint64_t sample, uint32_t n, br_error *error)
{
    for (uint32_t i = 0; work->model->checks && i < work->model->layer_count; i++) {
        const br_layer_code *code = &work->model->layers[i];
        const br_layer_state *s = &work->layers[i];
        uint32_t fault = __atomic_load_n(s->fault, __ATOMIC_RELAXED);
        if (fault == BR_FAULT_NONE)
            continue;
        if (fault == BR_FAULT_DRIVE || fault == BR_FAULT_ACTIVATION)
            return outside_signal(code, s, sample, n, fault == BR_FAULT_DRIVE, error);
        if (outside_state(code, &work->network->layers[i], true, error) != 0)
            return -1;
        return br_fail(error, BR_ERROR_FAULT,
                       "layer %s: a %s was outside its range before a step, or no number after it; lower eta",
                       code->name, fault == BR_FAULT_BOUND ? "bound" : "threshold");
    }
    return 0;
}

/* ---- after an epoch ---- */

int br_guard_begin(br_guard *guard, const br_model *model, br_error *error)
{
    *guard = (br_guard){.least = INFINITY};
    guard->silent = br_new(model->layer_count, sizeof *guard->silent, error);
    guard->full = guard->silent ? br_new(model->layer_count, sizeof *guard->full, error) : NULL;
    return guard->full ? 0 : -1;
}

void br_guard_end(br_guard *guard)
{
    br_release(guard->silent);
    br_release(guard->full);
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

static void look_at_layer(br_guard *guard, const br_guarded *at, const br_work *work, uint32_t layer)
{
    const br_layer_code *code = &work->model->layers[layer];
    const float *out = work->layers[layer].out;
    uint64_t fired = 0, full = 0, all = 0;
    for (uint32_t n = 0; n < work->batch; n++)
        for (uint64_t place = 0; place < (uint64_t)code->out.height * code->out.width; place++)
            for (uint32_t k = 0; k < code->out.channels; k++, all++) {
                float o = out[n * (uint64_t)code->out.stride + place * code->out.pitch + k];
                fired += o > 0;
                full += o >= code->range_out;
            }
    if (fired == 0 && !guard->silent[layer]) {
        guard->silent[layer] = true;
        warn(at,
             "layer %s never fires: nothing leaves it for any of the first samples; let it begin with lower bounds "
             "(alpha = uniform(0, 0.3)), or raise `sum scaled`",
             code->name);
    }
    if (full == all && !guard->full[layer]) {
        guard->full[layer] = true;
        warn(at,
             "layer %s is always full: every neuron is at its top for all of the first samples; lower `sum scaled`, or "
             "let it begin with higher bounds",
             code->name);
    }
}

/* A few samples through the layers as they are now, in one order on one thread. */
static int look_at_signal(br_guard *guard, const br_guarded *at, br_error *error)
{
    br_work *work;
    uint32_t n = at->samples->count < SAMPLES ? (uint32_t)at->samples->count : SAMPLES;
    br_gather gather = br_gather_new(at->samples, at->network->model->input_range);
    if (br_work_new(at->network, n, false, &work, error) != 0)
        return -1;
    for (uint32_t i = 0; i < n; i++)
        br_gather_sample(&gather, i, 0, 0, false, work->in + (uint64_t)i * at->network->model->layers[0].in.stride);
    br_forward_alone(work, 0, at->top + 1, 0, n);
    int status = br_guard_faults(work, 0, n, error);
    for (uint32_t i = 0; status == 0 && i <= at->top && i + 1 < work->model->layer_count; i++)
        look_at_layer(guard, at, work, i); /* not the last: it answers by its drives, fired or not */
    br_work_free(work);
    return status;
}

static void look_at_error(br_guard *guard, const br_guarded *at)
{
    if (at->mean_error < guard->least) {
        guard->least = at->mean_error;
        guard->least_epoch = at->epoch;
    }
    if (guard->rising || at->mean_error < ROSE * guard->least || at->mean_error < guard->least + BY)
        return;
    guard->rising = true;
    char text[96];
    snprintf(text, sizeof text, "from %.3f after epoch %u to %.3f", guard->least, guard->least_epoch, at->mean_error);
    warn(at, "the error rose %s: the steps are too long; lower eta, or let it decay faster", text);
}

static int look(br_guard *guard, const br_guarded *at, br_error *error)
{
    for (uint32_t i = 0; i <= at->top; i++)
        if (outside_state(&at->network->model->layers[i], &at->network->layers[i], false, error) != 0)
            return -1;
    if (!isfinite(at->mean_error))
        return br_fail(error, BR_ERROR_FAULT, "the error is no number; lower eta");
    if (at->mean_error >= 0)
        look_at_error(guard, at);
    return look_at_signal(guard, at, error);
}

int br_guard_look(br_guard *guard, const br_guarded *at, br_error *error)
{
    br_error cause;
    if (look(guard, at, &cause) == 0)
        return 0;
    return br_fail(error, cause.kind, "Phase %s, epoch %u: %.440s", at->phase, at->epoch, cause.message);
}
