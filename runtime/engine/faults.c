/* Messages for values outside their ranges: the layer, the neuron or sample, and a remedy. */
#include "engine/faults.h"

#include <float.h>
#include <math.h>

/* ---- one value ---- */

typedef struct range {
    float low, high;
} range;

static bool within(range r, float value)
{
    return value >= r.low && value <= r.high; /* a NaN is within no range */
}

/* The rule as printed does not keep alpha below alpha_max. */
static range range_of_bounds(const br_layer_code *code, bool as_promised)
{
    float most = code->parameters.bound_encoding != BR_BOUND_ALPHA ? code->parameters.v_max
                 : as_promised                                     ? code->parameters.alpha_max
                                                                   : FLT_MAX;
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
                   code->parameters.bound_encoding == BR_BOUND_ALPHA
                       ? "the rule as printed does not keep it there; try rule repaired"
                       : "this is a defect of bouton or of the machine's memory");
}

/* The message gives alpha, as the network's text does. */
static int outside_bound(const br_layer_code *code, const char *where, float w, br_error *error)
{
    float alpha = code->parameters.bound_encoding != BR_BOUND_ALPHA ? br_alpha_of(code, w) : fabsf(w);
    return outside(code, where, "alpha", alpha,
                   (range){code->parameters.bound_encoding != BR_BOUND_ALPHA ? code->parameters.alpha_min : 0,
                           code->parameters.alpha_max},
                   error);
}

int br_check_state(const br_layer_code *code, const br_layer_bounds *layer, bool as_promised, br_error *error)
{
    char where[64];
    uint64_t at;
    range bounds = range_of_bounds(code, as_promised),
          thetas = {0, code->parameters.bound_encoding != BR_BOUND_ALPHA ? code->parameters.theta_max : FLT_MAX};
    if (code->parameters.homeostasis)
        thetas = (range){-FLT_MAX, FLT_MAX};
    if (code->kind == BT_LAYER_POOL)
        return 0;
    if (first_outside(layer->bounds, br_layer_bounds_count(code), bounds, &at)) {
        snprintf(where, sizeof where, "neuron %llu, input %llu", (unsigned long long)(at % code->layout.pitch),
                 (unsigned long long)(at / code->layout.pitch));
        return outside_bound(code, where, layer->bounds[at], error);
    }
    if (first_outside(layer->theta, br_theta_count(code), thetas, &at)) { /* thresholds, then gains */
        snprintf(where, sizeof where, "neuron %llu", (unsigned long long)(at % code->layout.pitch));
        return outside(code, where, at < code->layout.pitch ? "its threshold" : "its gain", layer->theta[at], thetas,
                       error);
    }
    return 0;
}

/* ---- faults recorded by compiled code ---- */

static int outside_signal(const br_layer_code *code, const br_layer_state *s, uint64_t sample, uint32_t n, bool drive,
                          br_error *error)
{
    char where[64];
    uint64_t at;
    range r = drive ? (range){-FLT_MAX, FLT_MAX} : (range){0, code->parameters.range_out * (1 + 8 * FLT_EPSILON)};
    const float *values = drive ? s->drive : s->out;
    if (!first_outside(values, (uint64_t)n * code->shape.out.sample_stride, r, &at))
        return br_fail(
            error, BR_ERROR_FAULT,
            "layer %s: %s was outside its range for a moment; this is a defect of bouton or of the machine's memory",
            code->name, drive ? "a drive" : "an activation");
    snprintf(where, sizeof where, "sample %llu, value %llu",
             (unsigned long long)(sample + at / code->shape.out.sample_stride),
             (unsigned long long)(at % code->shape.out.sample_stride));
    return outside(code, where, drive ? "a drive" : "an activation", values[at], r, error);
}

int br_check_faults(const br_workspace *workspace, uint64_t sample, uint32_t n, br_error *error)
{
    for (uint32_t i = 0; workspace->model->checks && i < workspace->model->layer_count; i++) {
        const br_layer_code *code = &workspace->model->layers[i];
        const br_layer_state *s = &workspace->layers[i];
        uint32_t fault = __atomic_load_n(s->fault, __ATOMIC_RELAXED);
        if (fault == BR_FAULT_NONE)
            continue;
        if (fault == BR_FAULT_DRIVE || fault == BR_FAULT_ACTIVATION)
            return outside_signal(code, s, sample, n, fault == BR_FAULT_DRIVE, error);
        if (br_check_state(code, &workspace->network->layers[i], true, error) != 0)
            return -1;
        return br_fail(error, BR_ERROR_FAULT,
                       "layer %s: a %s was outside its range before a step, or not finite after it; lower eta",
                       code->name, fault == BR_FAULT_BOUND ? "bound" : "threshold");
    }
    return 0;
}
