/* Learning without labels. The rule is sequential: one thread learns from one field at a time, in a fixed order. */
#include "train/compete.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "data/batch.h"
#include "engine/forward.h"

enum {
    FIELDS_AN_IMAGE =
        8,             /* if there are layers below: computing their maps is slow, so each image gives several fields */
    TRIES_MOST = 1000, /* attempts to draw a field that is not nearly empty */
    RIVALS_MOST = 4,
    CALIBRATION_SAMPLES = 2000
};
static const float EMPTY = 0.02f; /* mean activation below which a field counts as empty */

/* Draws fields of one layer. */
typedef struct sampler {
    const br_samples *samples;
    const br_layer_code *code;
    uint32_t layer;
    br_gather gather;
    br_workspace *workspace; /* for one sample */
    float *field;            /* [inputs] */
    uint64_t seed;
    uint32_t lane;
    bool mirror;            /* mirror half of the images left to right */
    br_contest_position at; /* drawn, image, mirrored, left */
} sampler;

static void sampler_end(sampler *s)
{
    br_workspace_free(s->workspace);
    br_release(s->field);
    s->workspace = NULL;
    s->field = NULL;
}

static int sampler_begin(sampler *s, const br_network *network, const br_samples *samples, uint32_t layer,
                         uint64_t seed, uint32_t lane, br_error *error)
{
    *s = (sampler){
        .samples = samples, .code = &network->model->layers[layer], .layer = layer, .seed = seed, .lane = lane};
    s->gather = br_gather_new(samples, network->model->input_range);
    s->field = br_new(s->code->shape.inputs, sizeof *s->field, error);
    if (!s->field || br_workspace_new(network, 1, false, &s->workspace, error) != 0) {
        sampler_end(s);
        return -1;
    }
    return 0;
}

static void copy_field(const sampler *s, uint32_t y, uint32_t x, float *out)
{
    const br_layer_code *code = s->code;
    const float *map = s->workspace->layers[s->layer].in;
    for (uint32_t dy = 0; dy < code->shape.field_height; dy++)
        for (uint32_t dx = 0; dx < code->shape.field_width; dx++, out += code->shape.in.channels) {
            int64_t row = (int64_t)y * code->shape.stride + dy - code->shape.pad_top,
                    column = (int64_t)x * code->shape.stride + dx - code->shape.pad_left;
            bool inside = row >= 0 && row < code->shape.in.height && column >= 0 && column < code->shape.in.width;
            if (inside)
                memcpy(out, map + (row * code->shape.in.width + column) * code->shape.in.pitch,
                       code->shape.in.channels * sizeof *out);
            else
                memset(out, 0, code->shape.in.channels * sizeof *out);
        }
}

static float mean_of(const float *field, uint32_t n)
{
    double sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += (double)field[i];
    return (float)(sum / n);
}

/* Computes the maps below the layer for the current image. */
static void walk_image(sampler *s)
{
    br_gather_sample(&s->gather, s->at.image, 0, 0, s->at.mirrored, s->workspace->in);
    br_forward_alone(s->workspace, 0, s->layer, 0, 1);
    br_join(s->workspace, s->layer, 0, 1);
}

/* Nearly empty fields teach nothing. Of tied levels, those without any level are. */
static bool is_empty(const sampler *s)
{
    uint32_t live = 0;
    for (uint32_t i = 0; s->code->parameters.tied > 0 && i < s->code->shape.inputs; i++)
        live += s->field[i] != 0;
    return s->code->parameters.tied > 0 ? live == 0 : mean_of(s->field, s->code->shape.inputs) < EMPTY;
}

/* Draws the next field that is not nearly empty: a random place of a random image. */
static void draw_field(sampler *s)
{
    const br_layer_code *code = s->code;
    for (int tries = 0; tries < TRIES_MOST; tries++) {
        uint32_t words[4];
        br_random4(s->seed, BR_STREAM_PATCH, s->lane, s->at.drawn++, words);
        if (s->at.left == 0) {
            s->at.image = br_random_below(words[0], (uint32_t)s->samples->count);
            s->at.mirrored = s->mirror && words[3] >> 31;
            s->at.left = s->layer ? FIELDS_AN_IMAGE : 1;
            walk_image(s);
        }
        s->at.left--;
        copy_field(s, br_random_below(words[1], code->shape.out.height),
                   br_random_below(words[2], code->shape.out.width), s->field);
        if (!is_empty(s))
            return;
    }
}

/* The target T in [-1, 1] of a field.
 *
 *     pattern    2 o/s - 1; tied levels n/N, which is the mean over the levels of both sides
 *     standard   (o - mean)/deviation, clamped
 *     linear     (o - mean)/|o - mean|; tied levels n/|n| */
static void target_of(const br_layer_code *code, const float *field, bt_target target, float *out)
{
    bool linear = target == BT_TARGET_LINEAR;
    float levels = (float)code->parameters.tied;
    float mean = linear && levels > 0 ? 0 : mean_of(field, code->shape.inputs);
    double squares = 0;
    for (uint32_t i = 0; i < code->shape.inputs; i++)
        squares += ((double)field[i] - (double)mean) * ((double)field[i] - (double)mean);
    float size = (float)sqrt(linear ? squares : squares / code->shape.inputs) + 1e-6f;
    for (uint32_t i = 0; i < code->shape.inputs; i++) {
        float t = target != BT_TARGET_PATTERN ? (field[i] - mean) / size
                  : levels > 0                ? field[i] / levels
                                              : 2 * field[i] / code->parameters.range_in - 1;
        out[i] = t < -1 ? -1 : t > 1 ? 1 : t;
    }
}

/* x_k = gamma sum of w n over tied levels. */
static void tied_drives_of(const br_layer_code *code, const float *bounds, const float *field, float *x)
{
    float gamma = br_layer_gamma(code, 0);
    memset(x, 0, code->layout.pitch * sizeof *x);
    for (uint32_t i = 0; i < code->shape.inputs; i++) {
        const float *row = bounds + br_row_of(code, i) * code->layout.pitch;
        for (uint32_t k = 0; field[i] != 0 && k < code->layout.pitch; k++)
            x[k] += field[i] * row[k];
    }
    for (uint32_t k = 0; k < code->shape.neurons; k++)
        x[k] *= gamma;
}

/* x_k = gamma sum of q soft(v, t) over the field's live inputs.                                        (2), (4) */
static void drives_of(const br_layer_code *code, const float *bounds, const float *field, float *x)
{
    if (code->parameters.tied > 0) {
        tied_drives_of(code, bounds, field, x);
        return;
    }
    memset(x, 0, code->layout.pitch * sizeof *x);
    double sum = 0;
    for (uint32_t i = 0; i < code->shape.inputs; i++) {
        float q = 1 - field[i], t = code->parameters.a_max - 1 / q;
        if (field[i] <= 0)
            continue;
        sum += (double)field[i];
        const float *row = bounds + br_row_of(code, i) * code->layout.pitch;
        for (uint32_t k = 0; k < code->layout.pitch; k++) {
            float over = fabsf(row[k]) - t;
            over = over > 0 ? over : 0;
            x[k] += q * copysignf(over, row[k]);
        }
    }
    float gamma = br_layer_gamma(code, (float)sum);
    for (uint32_t k = 0; k < code->shape.neurons; k++)
        x[k] *= gamma;
}

typedef struct contest {
    const br_layer_code *code;
    br_layer_bounds *layer;
    const br_phase *phase;
    float *x;
    const float *target; /* target of the current field */
    uint64_t *wins;
} contest;

/* v_k += rate (T V - v_k), clamped to [-v_max, v_max]. */
static void move_towards(const contest *c, uint32_t k, float rate)
{
    float top = c->code->parameters.tied > 0 ? BR_TIED_TOP : c->code->parameters.a_max - 1;
    for (uint32_t i = 0; i < c->code->shape.inputs; i++) {
        float *v = &c->layer->bounds[br_row_of(c->code, i) * c->code->layout.pitch + k];
        float moved = *v + rate * (c->target[i] * top - *v);
        *v = moved > c->code->parameters.v_max    ? c->code->parameters.v_max
             : moved < -c->code->parameters.v_max ? -c->code->parameters.v_max
                                                  : moved;
    }
}

/* Filter alienation: the nearest few rivals within the gap respond less to this field. */
static void push_rivals(const contest *c, uint32_t winner, float rate)
{
    float ceiling = INFINITY;
    for (int n = 0; n < RIVALS_MOST; n++) {
        uint32_t rival = winner;
        for (uint32_t k = 0; k < c->code->shape.neurons; k++)
            if (k != winner && c->x[winner] - c->x[k] < c->code->parameters.gap && c->x[k] < ceiling &&
                (rival == winner || c->x[k] > c->x[rival]))
                rival = k;
        if (rival == winner)
            return;
        ceiling = c->x[rival];
        move_towards(c, rival, -rate * c->phase->alienate);
    }
}

/* w = argmax (x_k - conscience_k); conscience_k += c ([k = w] - 1/K). */
static uint32_t elect(const contest *c)
{
    uint32_t winner = 0, n = c->code->shape.neurons;
    float *conscience = c->layer->conscience;
    for (uint32_t k = 1; k < n; k++)
        if (c->x[k] - conscience[k] > c->x[winner] - conscience[winner])
            winner = k;
    for (uint32_t k = 0; k < n; k++)
        conscience[k] += c->phase->conscience * ((k == winner) - 1.0f / (float)n);
    return winner;
}

static void run(const br_competition *job, contest *c, sampler *s, float *target)
{
    const br_phase *phase = job->phase;
    for (uint64_t step = job->at->fields; step < phase->patches; step++) {
        float share = (float)step / (float)phase->patches;
        float rate = phase->xi + (phase->xi_to - phase->xi) * share;
        draw_field(s);
        drives_of(c->code, c->layer->bounds, s->field, c->x);
        target_of(c->code, s->field, phase->target, target);
        uint32_t winner = elect(c);
        c->wins[winner]++;
        move_towards(c, winner, rate);
        if (phase->alienate > 0)
            push_rivals(c, winner, rate);
        s->at.fields = step + 1;
        if (step % 1000 != 999 && step + 1 != phase->patches)
            continue;
        *job->at = s->at;
        if (job->progress && !job->progress(job->user))
            return;
    }
}

int br_compete(const br_competition *job, br_error *error)
{
    uint32_t layer = job->phase->compete;
    contest c = {.code = &job->network->model->layers[layer],
                 .layer = &job->network->layers[layer],
                 .phase = job->phase,
                 .wins = job->at->wins};
    sampler s = {0};
    c.x = br_new(c.code->layout.pitch, sizeof *c.x, error);
    float *target = c.x ? br_new(c.code->shape.inputs, sizeof *target, error) : NULL;
    c.target = target;
    int status = target ? sampler_begin(&s, job->network, job->samples, layer, job->seed, job->number, error) : -1;
    if (status == 0) {
        s.mirror = job->phase->mirror;
        s.at = *job->at;
        if (s.at.left > 0)
            walk_image(&s);
        run(job, &c, &s, target);
    }
    sampler_end(&s);
    br_release(c.x);
    br_release(target);
    return status;
}

/* Equal filters would stay equal, and section III requires all of them to differ. A field equal to an earlier one is
 * therefore drawn again, unless the samples seem to have no other. */
static void draw_target(sampler *s, bt_target kind, float *targets, uint32_t k)
{
    uint64_t n = s->code->shape.inputs;
    float *target = targets + k * n;
    for (int tries = 0; tries < TRIES_MOST; tries++) {
        uint32_t other = 0;
        draw_field(s);
        target_of(s->code, s->field, kind, target);
        while (other < k && memcmp(targets + other * n, target, n * sizeof *target) != 0)
            other++;
        if (other == k)
            return;
    }
}

/* Linear targets have the length 1. One factor for the whole layer brings the largest value to 1, so that the bounds use
 * their range, and leaves the proportions of the drives as they are. */
static void stretch(float *targets, uint64_t count)
{
    float largest = 0;
    for (uint64_t i = 0; i < count; i++)
        largest = fabsf(targets[i]) > largest ? fabsf(targets[i]) : largest;
    for (uint64_t i = 0; largest > 0 && i < count; i++)
        targets[i] /= largest;
}

/* Rounds the bounds of a layer whose w are whole numbers. */
static void make_whole(const br_layer_code *code, br_layer_bounds *layer)
{
    for (uint64_t i = 0; code->parameters.whole && i < br_layer_bounds_count(code); i++)
        layer->bounds[i] = rintf(layer->bounds[i]);
}

int br_start_from_patches(br_network *network, const br_samples *samples, uint32_t layer, bt_target target,
                          uint64_t seed, br_error *error)
{
    const br_layer_code *code = &network->model->layers[layer];
    sampler s;
    if (sampler_begin(&s, network, samples, layer, seed, 0x80000000u | layer, error) != 0)
        return -1;
    br_phase none = {0};
    contest c = {.code = code, .layer = &network->layers[layer], .phase = &none};
    float *targets = br_new(code->shape.neurons, code->shape.inputs * sizeof *targets, error);
    for (uint32_t k = 0; targets && k < code->shape.neurons; k++)
        draw_target(&s, target, targets, k);
    if (targets && target == BT_TARGET_LINEAR)
        stretch(targets, (uint64_t)code->shape.neurons * code->shape.inputs);
    for (uint32_t k = 0; targets && k < code->shape.neurons; k++) {
        c.target = targets + (uint64_t)k * code->shape.inputs;
        move_towards(&c, k, 1);
    }
    if (targets)
        make_whole(code, c.layer);
    int status = targets ? 0 : -1;
    br_release(targets);
    sampler_end(&s);
    return status;
}

int br_calibrate_pool(br_network *network, const br_samples *samples, uint32_t layer, br_error *error)
{
    const br_layer_code *code = &network->model->layers[layer];
    uint64_t count = samples->count < CALIBRATION_SAMPLES ? samples->count : CALIBRATION_SAMPLES, seen = 0;
    br_gather gather = br_gather_new(samples, network->model->input_range);
    br_workspace *workspace;
    double sum = 0;
    if (br_workspace_new(network, 1, false, &workspace, error) != 0)
        return -1;
    for (uint64_t n = 0; n < count; n++) {
        br_gather_sample(&gather, n, 0, 0, false, workspace->in);
        br_forward_alone(workspace, 0, layer + 1, 0, 1);
        for (uint64_t i = 0; i < code->shape.out.sample_stride; i++) {
            float value = workspace->layers[layer].drive[i]; /* a pool stores its unscaled sum there */
            sum += (double)value;
            seen += value > 0;
        }
    }
    br_workspace_free(workspace);
    double mean = seen ? sum / (double)seen : 0;
    network->layers[layer].calibration =
        mean > 0 ? (float)((double)code->parameters.range_out * (double)code->parameters.calibrate / (2 * mean)) : 1;
    network->layers[layer].calibrated = true;
    return 0;
}
