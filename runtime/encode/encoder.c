/* Encoders. The steps are checked once and learned from the training samples. Then every sample passes through them,
 * one image at a time:
 *
 *     raw value -> 0..1 -> opponent -> normalise -> whiten -> levels -> clip at 0 and 1 -> byte 0..255 -> complement
 *
 * With `split`, the on and off channels are clipped separately. Tied levels are whole numbers from -N to N, stored as bytes
 * from 0 to 2N. */
#include "encode/encoder.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "base/memory.h"
#include "base/part.h"
#include "base/team.h"
#include "data/array.h"
#include "data/data.h"
#include "encode/apply.h"
#include "encode/follow.h"
#include "encode/whiten_learn.h"

/* ---- steps ---- */

static int check_box(const br_encoder *e, const br_encoding *step, const char *what, br_error *error)
{
    if (step->height == 0 || step->width == 0 || step->height > e->shape.height || step->width > e->shape.width)
        return br_fail(error, BR_ERROR_CHECK, "%s of %ux%u on an image of %ux%u: they must fit inside", what,
                       step->height, step->width, e->shape.height, e->shape.width);
    return 0;
}

static int check_whiten(const br_encoder *e, const br_encoding *step, br_error *error)
{
    if (check_box(e, step, "whitening patches", error) != 0)
        return -1;
    uint64_t dimensions = (uint64_t)step->height * step->width * e->shape.channels;
    if (step->patches < dimensions)
        return br_fail(
            error, BR_ERROR_CHECK,
            "whitening: %llu patches of %llu dimensions (%ux%ux%u); at least as many patches as dimensions are needed",
            (unsigned long long)step->patches, (unsigned long long)dimensions, step->height, step->width,
            e->shape.channels);
    if (!(step->epsilon > 0) || !isfinite(step->epsilon))
        return br_fail(error, BR_ERROR_CHECK, "whitening: epsilon is %g; it must be above 0", step->epsilon);
    if (dimensions > BR_WHITEN_LIMIT)
        return br_fail(error, BR_ERROR_CHECK,
                       "whitening: patches of %llu dimensions (%ux%ux%u); the limit is %u; use smaller patches",
                       (unsigned long long)dimensions, step->height, step->width, e->shape.channels, BR_WHITEN_LIMIT);
    return 0;
}

/* A step that replaces each value by `factor` values. */
static int check_multiply(const br_encoder *e, uint64_t factor, const char *what, br_error *error)
{
    uint64_t channels = e->shape.channels * factor * e->levels;
    if (factor >= 1 && factor <= BR_VALUES_LIMIT && channels <= BR_VALUES_LIMIT &&
        br_shape_allowed((bt_shape){e->shape.height, e->shape.width, (uint32_t)channels}))
        return 0;
    return br_fail(error, BR_ERROR_CHECK, "%ux%ux%u %s: at least 1 of each, at most %u values", e->shape.height,
                   e->shape.width, e->shape.channels, what, BR_VALUES_LIMIT);
}

/* Whitened values have a known deviation, and `split` says that both of their sides count. */
static int check_tied(const br_encoder *e, const br_encoding *step, uint32_t index, br_error *error)
{
    bool whitened = index >= 2 && e->steps[index - 2].kind == BT_ENCODE_WHITEN;
    if (!e->split || !whitened)
        return br_fail(error, BR_ERROR_CHECK, "tied levels must stand right behind whitening and a split");
    if (step->levels < 1 || step->levels > BR_TIED_MOST || !(step->by > 0) || !isfinite(step->by))
        return br_fail(error, BR_ERROR_CHECK, "%u tied levels of %g deviations: 1 to %u levels, a step above 0",
                       step->levels, step->by, BR_TIED_MOST);
    return 0;
}

static int check_step(const br_encoder *e, const br_encoding *step, uint32_t index, br_error *error)
{
    if (step->kind == BT_ENCODE_LEVELS && step->tied)
        return check_tied(e, step, index, error);
    bool levels_alone = e->ended && !e->split && !e->complement;
    if (e->ended && !(levels_alone && step->kind == BT_ENCODE_COMPLEMENT))
        return br_fail(error, BR_ERROR_CHECK, "no encoding may follow one that makes several values of each value");
    switch (step->kind) {
    case BT_ENCODE_OPPONENT:
        return e->shape.channels == 3
                   ? 0
                   : br_fail(error, BR_ERROR_CHECK, "opponent colours of %u channels: they need 3 (red, green, blue)",
                             e->shape.channels);
    case BT_ENCODE_NORMALISE:
        return check_box(e, step, "normalising in boxes", error);
    case BT_ENCODE_WHITEN:
        return check_whiten(e, step, error);
    case BT_ENCODE_SPLIT:
        return check_multiply(e, 2, "split in two", error);
    case BT_ENCODE_LEVELS:
        return check_multiply(e, step->levels, "in levels", error);
    case BT_ENCODE_COMPLEMENT:
        return check_multiply(e, 2, "with complements", error);
    }
    return br_fail(error, BR_ERROR_CHECK, "encoding %d is unknown", (int)step->kind);
}

static int add_steps(br_encoder *e, const br_encoding *steps, uint32_t count, br_error *error)
{
    bool opponent = false;
    for (uint32_t i = 0; i < count; i++) {
        const br_encoding *step = &steps[i];
        if (check_step(e, step, i, error) != 0)
            return -1;
        e->steps[i] = (br_encode_step){step->kind,    step->height, step->width,    step->patches,
                                       step->epsilon, opponent,     e->number_count};
        if (step->kind == BT_ENCODE_LEVELS && step->tied) {
            e->tied = step->levels;
            e->by = (float)(step->by * BR_WHITEN_GAIN / BR_WHITEN_SHARE);
            e->split = false;
            e->complement = true; /* nothing may follow */
            continue;
        }
        e->split = step->kind == BT_ENCODE_SPLIT;
        e->complement = step->kind == BT_ENCODE_COMPLEMENT;
        e->levels = step->kind == BT_ENCODE_LEVELS ? step->levels : e->levels;
        e->ended = e->ended || e->split || e->complement || step->kind == BT_ENCODE_LEVELS;
        if (step->kind == BT_ENCODE_WHITEN)
            e->number_count += (uint64_t)step->height * step->width * e->shape.channels * e->shape.channels;
        opponent = step->kind == BT_ENCODE_OPPONENT || (opponent && step->kind != BT_ENCODE_WHITEN);
    }
    return 0;
}

int br_encoder_new(const br_encoding *steps, uint32_t count, bt_shape shape, br_encoder **out, br_error *error)
{
    *out = NULL;
    if (!br_shape_allowed(shape))
        return br_fail(error, BR_ERROR_CHECK, "an input of %ux%ux%u: at least 1 of each, at most %u values",
                       shape.height, shape.width, shape.channels, BR_VALUES_LIMIT);
    br_encoder *e = br_new(1, sizeof *e, error);
    if (e == NULL)
        return -1;
    e->shape = shape;
    e->levels = 1;
    e->step_count = count;
    e->steps = br_new(count, sizeof *e->steps, error);
    if (e->steps == NULL || add_steps(e, steps, count, error) != 0 ||
        (e->numbers = br_new(e->number_count, sizeof *e->numbers, error)) == NULL) {
        br_encoder_free(e);
        return -1;
    }
    e->learned = e->number_count == 0;
    *out = e;
    return 0;
}

void br_encoder_free(br_encoder *encoder)
{
    if (encoder == NULL)
        return;
    br_release(encoder->steps);
    br_release(encoder->numbers);
    br_release(encoder);
}

void br_encoder_follow(br_encoder *encoder, bool (*advance)(void *user, uint64_t done, uint64_t total), void *user)
{
    encoder->advance = advance;
    encoder->user = user;
}

uint64_t br_encoder_count(const br_encoder *encoder)
{
    return encoder->number_count;
}

const float *br_encoder_numbers(const br_encoder *encoder)
{
    return encoder->numbers;
}

int br_encoder_restore(br_encoder *encoder, const float *numbers, uint64_t count, br_error *error)
{
    if (count != encoder->number_count)
        return br_fail(error, BR_ERROR_IO, "encoding: %llu numbers, but the encodings of the network have %llu",
                       (unsigned long long)count, (unsigned long long)encoder->number_count);
    for (uint64_t i = 0; i < count; i++)
        if (!isfinite(numbers[i]))
            return br_fail(error, BR_ERROR_IO, "encoding: number %llu is not finite", (unsigned long long)i);
    if (count > 0)
        memcpy(encoder->numbers, numbers, count * sizeof *numbers);
    encoder->learned = true;
    return 0;
}

/* ---- bytes of one image ---- */

static uint8_t to_byte(float value)
{
    return value > 0 ? (uint8_t)((value < 1 ? value : 1) * 255 + 0.5f) : 0;
}

/* n = clamp(round(z/D), -N, N); halves are rounded to even. */
static void bring_out_tied(const br_encoder *e, const float *planes, uint8_t *out)
{
    uint64_t pixels = bt_places(e->shape);
    float most = (float)e->tied;
    for (uint64_t i = 0; i < pixels; i++)
        for (uint32_t c = 0; c < e->shape.channels; c++) {
            float level = planes[c * pixels + i] / e->by;
            level = level > most ? most : level > -most ? level : -most; /* a NaN becomes -N */
            *out++ = (uint8_t)(rintf(level) + most);
        }
}

uint32_t br_encoder_channels(const br_encoder *e)
{
    if (e->tied > 0)
        return e->shape.channels;
    return e->shape.channels * e->levels * (e->split || e->complement ? 2 : 1);
}

/* Converts planes to bytes, channels last: on_0 .. on_n, then off_0 .. off_n after `split` or `complement`. Each on
 * channel has n levels. Level l holds how far the value, times n, exceeds l, clipped to 0..1. */
static void bring_out(const br_encoder *e, const float *planes, uint8_t *out)
{
    uint64_t pixels = bt_places(e->shape);
    uint32_t values = e->shape.channels * e->levels;
    if (e->tied > 0) {
        bring_out_tied(e, planes, out);
        return;
    }
    for (uint64_t i = 0; i < pixels; i++) {
        const uint8_t *on = out;
        for (uint32_t c = 0; c < e->shape.channels; c++)
            for (uint32_t l = 0; l < e->levels; l++)
                *out++ = to_byte(planes[c * pixels + i] * (float)e->levels - (float)l);
        for (uint32_t c = 0; e->split && c < e->shape.channels; c++)
            *out++ = to_byte(-planes[c * pixels + i]);
        for (uint32_t v = 0; e->complement && v < values; v++)
            *out++ = (uint8_t)(255 - on[v]);
    }
}

/* ---- learning, and whole data sets ---- */

static int check_learned(const br_encoder *e, br_error *error)
{
    return e->learned ? 0
                      : br_fail(error, BR_ERROR_CHECK, "whitening has not been learned yet: learn or restore it first");
}

static int check_shape(const br_encoder *e, const char *whose, bt_shape shape, br_error *error)
{
    if (bt_same_shape(shape, e->shape))
        return 0;
    return br_fail(error, BR_ERROR_CHECK, "encoding: %s are %s, but the encodings are made for %s", whose,
                   br_shape_write(shape).text, br_shape_write(e->shape).text);
}

int br_encoder_learn(br_encoder *encoder, const br_samples *train, uint64_t seed, br_error *error)
{
    if (encoder->number_count == 0)
        return 0;
    if (train->count == 0)
        return br_fail(error, BR_ERROR_CHECK, "whitening is learned from train samples, but there are none");
    br_encode_workspace workspace;
    if (check_shape(encoder, "the train samples", train->shape, error) != 0 ||
        br_encode_workspace_new(encoder, &workspace, error) != 0)
        return -1;
    int status = 0;
    for (uint32_t i = 0; i < encoder->step_count && status == 0; i++)
        if (encoder->steps[i].kind == BT_ENCODE_WHITEN)
            status = br_whiten_learn(encoder, i, train, seed, &workspace, error);
    br_encode_workspace_free(&workspace);
    encoder->learned = status == 0;
    return status;
}

typedef struct encoding {
    const br_data *data;
    const br_encoder *encoder;
    uint32_t members;
    br_encode_workspace *workspace; /* one for each member */
    uint8_t *out[BT_SPLITS];        /* NULL if a split is empty */
    uint64_t values;                /* of an encoded sample */
    atomic_bool stopped;            /* by the follower */
} encoding;

static br_part part_of(const encoding *job, int split, uint32_t member)
{
    return br_part_of((uint32_t)job->data->views[split].count, 1, job->members, member);
}

static void encode_part(void *user, uint32_t member)
{
    encoding *job = user;
    uint64_t own = 0;
    for (int i = 0; i < BT_SPLITS; i++)
        own += part_of(job, i, member).to - part_of(job, i, member).from;
    br_follow follow = br_follow_new(job->encoder, own);
    for (int i = 0; i < BT_SPLITS; i++) {
        const br_samples *samples = &job->data->views[i];
        br_part part = part_of(job, i, member);
        for (uint64_t sample = part.from; sample < part.to && !job->stopped; sample++) {
            if (member == 0 && !br_follow_one(&follow)) /* its part is as large as those of the others */
                job->stopped = true;
            br_encode_sample(job->encoder, samples, sample, job->encoder->step_count, &job->workspace[member]);
            bring_out(job->encoder, job->workspace[member].planes, job->out[i] + sample * job->values);
        }
    }
}

/* Allocates all memory before anything is computed, so that a failure leaves the data unchanged. */
static int prepare(encoding *job, br_error *error)
{
    for (int i = 0; i < BT_SPLITS; i++) {
        const br_array *array = &job->data->arrays[i];
        if (array->count == 0)
            continue;
        if (check_shape(job->encoder, "the samples", array->shape, error) != 0)
            return -1;
        job->out[i] = br_new(array->count, job->values, error);
        if (job->out[i] == NULL)
            return -1;
    }
    job->workspace = br_new(job->members, sizeof *job->workspace, error);
    for (uint32_t i = 0; i < job->members; i++)
        if (job->workspace == NULL || br_encode_workspace_new(job->encoder, &job->workspace[i], error) != 0)
            return -1;
    return 0;
}

static int encode_all(encoding *job, br_error *error)
{
    br_team *team;
    if (prepare(job, error) != 0 || br_team_new(job->members, &team, error) != 0)
        return -1;
    br_team_run(team, encode_part, job);
    br_team_free(team);
    return job->stopped ? 1 : 0;
}

/* Replaces the raw samples by the encoded ones. */
static void replace(br_data *data, encoding *job)
{
    for (int i = 0; i < BT_SPLITS; i++) {
        br_array *array = &data->arrays[i];
        if (array->count == 0)
            continue;
        br_release(array->borrowed ? NULL : array->bytes);
        br_release(array->borrowed ? NULL : array->floats);
        array->bytes = job->out[i];
        array->floats = NULL;
        array->borrowed = false;
        array->shape.channels = br_encoder_channels(job->encoder);
        job->out[i] = NULL;
    }
    br_data_show(data, 0, 255);
    for (int i = 0; i < BT_SPLITS; i++)
        data->views[i].tied = job->encoder->tied;
}

int br_data_encode(br_data *data, const br_encoder *encoder, uint32_t threads, br_error *error)
{
    if (encoder->step_count == 0)
        return 0;
    if (check_learned(encoder, error) != 0)
        return -1;
    encoding job = {.data = data, .encoder = encoder, .members = threads > 0 ? threads : br_processors()};
    job.values = bt_places(encoder->shape) * br_encoder_channels(encoder);
    int status = encode_all(&job, error);
    if (status == 0)
        replace(data, &job);
    for (int i = 0; i < BT_SPLITS; i++)
        br_release(job.out[i]);
    for (uint32_t i = 0; job.workspace != NULL && i < job.members; i++)
        br_encode_workspace_free(&job.workspace[i]);
    br_release(job.workspace);
    return status;
}

int br_encoder_sample(const br_encoder *encoder, const br_samples *samples, uint64_t index, uint8_t **bytes,
                      bt_shape *shape, br_error *error)
{
    br_encode_workspace workspace;
    if (check_learned(encoder, error) != 0 || check_shape(encoder, "the samples", samples->shape, error) != 0)
        return -1;
    *shape = (bt_shape){encoder->shape.height, encoder->shape.width, br_encoder_channels(encoder)};
    *bytes = br_new(bt_values(*shape), 1, error);
    if (*bytes == NULL)
        return -1;
    int status = br_encode_workspace_new(encoder, &workspace, error);
    if (status == 0) {
        br_encode_sample(encoder, samples, index, encoder->step_count, &workspace);
        bring_out(encoder, workspace.planes, *bytes);
        br_encode_workspace_free(&workspace);
        return 0;
    }
    br_release(*bytes);
    *bytes = NULL;
    return -1;
}
