/* Surveys of many samples: each member of a team has counts of its own, which are added up at the end. Only whole numbers
 * and largest values are added up, so the order does not matter. */
#include "bouton/survey.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "engine/blocks.h"
#include "engine/choose.h"
#include "engine/faults.h"
#include "engine/forward.h"
#include "engine/live.h"
#include "engine/samples.h"

enum { FINEST = -10, HALF = BR_SURVEY_BINS / 2 }; /* exponent of the narrowest bins */
enum { TALLIES = 4, LINE = 256 };                 /* counts side by side; values whose bins are found together */

typedef struct counts { /* of one member */
    uint64_t *fired;    /* the layers one after another */
    float *most;
    uint64_t *most_at;
    float *top;
    br_spread *drives; /* [layer_count] */
    float *here;       /* as `most`, of one sample */
} counts;

typedef struct surveying {
    const br_model *model;
    br_gather gather;
    br_survey *out;
    const uint64_t *watch;
    counts *members;
    uint64_t *neurons_at, *values_at; /* [layer_count + 1]: where the counts of each layer begin */
} surveying;

/* ---- spreads ---- */

/* Two neighbouring bins become one. Bins of the lower half count downwards from 0. */
static void widen(br_spread *spread)
{
    uint64_t wide[BR_SURVEY_BINS] = {0};
    for (int bin = 0; bin < (int)BR_SURVEY_BINS; bin++)
        wide[HALF + (int)floor((bin - HALF) / 2.0)] += spread->counts[bin];
    memcpy(spread->counts, wide, sizeof wide);
    spread->width *= 2;
}

/* Widens the bins until each of these values has one, but for those that are not finite. */
static void fit_values(br_spread *spread, const float *values, uint32_t n)
{
    float low = 0, high = 0;
    for (uint32_t i = 0; i < n; i++) {
        float value = fabsf(values[i]) <= FLT_MAX ? values[i] : 0;
        low = value < low ? value : low;
        high = value > high ? value : high;
    }
    while ((double)low < -HALF * spread->width || (double)high >= HALF * spread->width)
        widen(spread);
}

/* Places of equal bins follow each other, so neighbouring values are counted apart: no count waits for the one before.
 * A file may hold gains with which a drive is not finite: the last place counts those. */
typedef struct tally {
    uint32_t counts[TALLIES][BR_SURVEY_BINS + 1];
} tally;

/* Values that fit. The width is a power of two, so the quotient is exact, or 0 where it is too small for a float. */
static void count_values(tally *t, double width, const float *values, uint32_t n)
{
    int32_t bins[LINE];
    float each = (float)width, per_each = (float)(1 / width);
    for (uint32_t i = 0; i < n; i++) {
        bool counts = fabsf(values[i]) <= FLT_MAX;
        float value = counts ? values[i] : 0;
        int32_t whole = (int32_t)(value * per_each);
        whole -= value < (float)whole * each;
        bins[i] = counts ? HALF + whole : (int32_t)BR_SURVEY_BINS;
    }
    for (uint32_t i = 0; i < n; i++)
        t->counts[i % TALLIES][bins[i]]++;
}

/* All drives of a map. */
static void count_map(br_spread *spread, const br_map *map, const float *drive)
{
    tally t = {0};
    for (uint64_t place = 0; place < br_map_places(*map); place++)
        fit_values(spread, drive + place * map->pitch, map->channels);
    for (uint64_t place = 0; place < br_map_places(*map); place++)
        for (uint32_t k = 0; k < map->channels; k += LINE)
            count_values(&t, spread->width, drive + place * map->pitch + k,
                         map->channels - k < LINE ? map->channels - k : LINE);
    for (uint32_t i = 0; i < TALLIES; i++)
        for (uint32_t bin = 0; bin < BR_SURVEY_BINS; bin++)
            spread->counts[bin] += t.counts[i][bin];
}

static void add_spread(br_spread *to, br_spread *from)
{
    while (to->width < from->width)
        widen(to);
    while (from->width < to->width)
        widen(from);
    for (uint32_t i = 0; i < BR_SURVEY_BINS; i++)
        to->counts[i] += from->counts[i];
}

/* ---- one sample ---- */

/* The larger of two values, which compilers make vectors of, unlike fmaxf; `a` if b is not a number. */
static float larger(float a, float b)
{
    return b > a ? b : a;
}

static void raise(const float *values, uint32_t n, float *most)
{
    for (uint32_t i = 0; i < n; i++)
        most[i] = larger(most[i], values[i]);
}

/* Takes what a layer reads of a sample: the largest values so far. */
static void see_inputs(const br_layer_code *code, const float *in, float *top)
{
    const br_map *map = &code->shape.in;
    for (uint64_t place = 0; place < br_map_places(*map); place++)
        for (uint32_t c = 0; c < map->channels; c++)
            top[place * map->channels + c] = larger(top[place * map->channels + c], fabsf(in[place * map->pitch + c]));
}

/* The largest value of each neuron over the places of a map. */
static void see_most(const br_map *map, const float *values, float *most)
{
    for (uint32_t k = 0; k < map->channels; k++)
        most[k] = -INFINITY;
    for (uint64_t place = 0; place < br_map_places(*map); place++)
        raise(values + place * map->pitch, map->channels, most);
}

static void see_outputs(const br_layer_code *code, const float *drive, const float *out, uint64_t sample,
                        const counts *mine)
{
    const br_map *map = &code->shape.out;
    see_most(map, out, mine->here);
    for (uint32_t k = 0; k < map->channels; k++)
        mine->fired[k] += mine->here[k] > 0;
    if (code->kind != BT_LAYER_POOL) {
        see_most(map, drive, mine->here);
        count_map(mine->drives, map, drive);
    }
    for (uint32_t k = 0; k < map->channels; k++)
        if (mine->here[k] > mine->most[k]) {
            mine->most[k] = mine->here[k];
            mine->most_at[k] = sample;
        }
}

static void copy_map(const br_map *map, const float *from, float *to)
{
    for (uint64_t place = 0; place < br_map_places(*map); place++)
        memcpy(to + place * map->channels, from + place * map->pitch, map->channels * sizeof *to);
}

static void keep_watched(const surveying *job, const br_workspace *workspace, uint32_t i, uint64_t sample)
{
    for (uint32_t w = 0; w < job->out->watched; w++)
        for (uint32_t l = 0; job->watch[w] == sample && l < job->out->layer_count; l++) {
            const br_layer_shape *shape = &job->model->layers[l].shape;
            const br_layer_state *s = &workspace->layers[l];
            br_layer_values *to = &job->out->values[(uint64_t)w * job->out->layer_count + l];
            uint64_t at = (uint64_t)i * shape->out.sample_stride;
            copy_map(&shape->in, s->in + (uint64_t)i * shape->in.sample_stride, to->in);
            copy_map(&shape->out, s->drive + at, to->drive);
            copy_map(&shape->out, s->out + at, to->out);
        }
}

static void see_sample(const surveying *job, const br_workspace *workspace, counts *mine, uint32_t i, uint64_t sample)
{
    for (uint32_t l = 0; l < job->out->layer_count; l++) {
        const br_layer_code *code = &job->model->layers[l];
        const br_layer_state *s = &workspace->layers[l];
        uint64_t at = (uint64_t)i * code->shape.out.sample_stride, neurons = job->neurons_at[l];
        see_inputs(code, s->in + (uint64_t)i * code->shape.in.sample_stride, mine->top + job->values_at[l]);
        counts here = {.fired = mine->fired + neurons,
                       .most = mine->most + neurons,
                       .most_at = mine->most_at + neurons,
                       .drives = &mine->drives[l],
                       .here = mine->here + neurons};
        see_outputs(code, s->drive + at, s->out + at, sample, &here);
        if (sample < job->out->live_samples)
            job->out->layers[l].live[sample] = (float)br_live_share(code, s, br_has_lists(workspace, l), i);
    }
    keep_watched(job, workspace, i, sample);
}

static int survey_block(void *user, const br_workspace *workspace, uint32_t member, uint64_t first, uint32_t n,
                        br_error *error)
{
    const surveying *job = user;
    br_gather_batch(&job->gather, first, (br_part){0, n}, workspace);
    br_forward_alone(workspace, 0, job->out->layer_count, 0, n);
    if (br_check_faults(workspace, first, n, error) != 0)
        return -1;
    for (uint32_t i = 0; i < n; i++)
        see_sample(job, workspace, &job->members[member], i, first + i);
    return 0;
}

/* ---- memory ---- */

/* Arrays for so many neurons; nothing was seen yet. */
static int take_neurons(uint64_t count, uint64_t **fired, float **most, uint64_t **most_at, br_error *error)
{
    *fired = br_new(count, sizeof **fired, error);
    *most = *fired ? br_new(count, sizeof **most, error) : NULL;
    *most_at = *most ? br_new(count, sizeof **most_at, error) : NULL;
    for (uint64_t k = 0; *most_at && k < count; k++)
        (*most)[k] = -INFINITY;
    return *most_at ? 0 : -1;
}

static int take_layer(const br_layer_code *code, uint64_t live_samples, br_layer_survey *out, br_error *error)
{
    out->neurons = code->shape.out.channels;
    out->values = br_map_values(code->shape.in);
    out->outputs = br_map_values(code->shape.out);
    out->drives.width = ldexp(1, FINEST);
    int status = take_neurons(out->neurons, &out->fired, &out->most, &out->most_at, error);
    out->top = status == 0 ? br_new(out->values, sizeof *out->top, error) : NULL;
    out->live = out->top ? br_new(live_samples, sizeof *out->live, error) : NULL;
    return out->live ? 0 : -1;
}

static int take_values(const br_layer_survey *layer, br_layer_values *out, br_error *error)
{
    out->in = br_new(layer->values, sizeof *out->in, error);
    out->drive = out->in ? br_new(layer->outputs, sizeof *out->drive, error) : NULL;
    out->out = out->drive ? br_new(layer->outputs, sizeof *out->out, error) : NULL;
    return out->out ? 0 : -1;
}

static int take_survey(const br_model *model, br_survey *out, br_error *error)
{
    out->layers = br_new(out->layer_count, sizeof *out->layers, error);
    out->values = out->layers ? br_new((uint64_t)out->watched * out->layer_count, sizeof *out->values, error) : NULL;
    int status = out->values ? 0 : -1;
    for (uint32_t l = 0; status == 0 && l < out->layer_count; l++)
        status = take_layer(&model->layers[l], out->live_samples, &out->layers[l], error);
    for (uint64_t i = 0; status == 0 && i < (uint64_t)out->watched * out->layer_count; i++)
        status = take_values(&out->layers[i % out->layer_count], &out->values[i], error);
    return status;
}

static int take_member(const surveying *job, counts *out, br_error *error)
{
    uint32_t layers = job->out->layer_count;
    int status = take_neurons(job->neurons_at[layers], &out->fired, &out->most, &out->most_at, error);
    out->here = status == 0 ? br_new(job->neurons_at[layers], sizeof *out->here, error) : NULL;
    out->top = out->here ? br_new(job->values_at[layers], sizeof *out->top, error) : NULL;
    out->drives = out->top ? br_new(layers, sizeof *out->drives, error) : NULL;
    for (uint32_t l = 0; out->drives && l < layers; l++)
        out->drives[l].width = ldexp(1, FINEST);
    return out->drives ? 0 : -1;
}

static int take_members(surveying *job, uint32_t members, br_error *error)
{
    const br_survey *out = job->out;
    job->neurons_at = br_new((uint64_t)out->layer_count + 1, sizeof *job->neurons_at, error);
    job->values_at = job->neurons_at ? br_new((uint64_t)out->layer_count + 1, sizeof *job->values_at, error) : NULL;
    job->members = job->values_at ? br_new(members, sizeof *job->members, error) : NULL;
    int status = job->members ? 0 : -1;
    for (uint32_t l = 0; status == 0 && l < out->layer_count; l++) {
        job->neurons_at[l + 1] = job->neurons_at[l] + out->layers[l].neurons;
        job->values_at[l + 1] = job->values_at[l] + out->layers[l].values;
    }
    for (uint32_t m = 0; status == 0 && m < members; m++)
        status = take_member(job, &job->members[m], error);
    return status;
}

static void free_members(surveying *job, uint32_t members)
{
    for (uint32_t m = 0; job->members && m < members; m++) {
        br_release(job->members[m].fired);
        br_release(job->members[m].most);
        br_release(job->members[m].most_at);
        br_release(job->members[m].here);
        br_release(job->members[m].top);
        br_release(job->members[m].drives);
    }
    br_release(job->members);
    br_release(job->neurons_at);
    br_release(job->values_at);
}

/* ---- the survey ---- */

static void add_up(const surveying *job, counts *member)
{
    for (uint32_t l = 0; l < job->out->layer_count; l++) {
        br_layer_survey *layer = &job->out->layers[l];
        for (uint32_t k = 0; k < layer->neurons; k++) {
            uint64_t at = job->neurons_at[l] + k;
            bool more = member->most[at] > layer->most[k];
            bool first = member->most[at] == layer->most[k] && member->most_at[at] < layer->most_at[k];
            layer->fired[k] += member->fired[at];
            if (more || first) {
                layer->most[k] = member->most[at];
                layer->most_at[k] = member->most_at[at];
            }
        }
        for (uint64_t i = 0; i < layer->values; i++)
            layer->top[i] = fmaxf(layer->top[i], member->top[job->values_at[l] + i]);
        add_spread(&layer->drives, &member->drives[l]);
    }
}

int br_survey_samples(br_network *network, const br_samples *samples, const uint64_t *watch, uint32_t watched,
                      uint32_t threads, br_survey *out, br_error *error)
{
    const br_model *model = br_network_model(network);
    *out = (br_survey){.layer_count = br_path_layers(model), .watched = watched};
    out->samples = samples->count < BR_SURVEY_SAMPLES ? samples->count : BR_SURVEY_SAMPLES;
    out->live_samples = out->samples < BR_SURVEY_LIVE ? out->samples : BR_SURVEY_LIVE;
    surveying job = {.model = model, .out = out, .watch = watch};
    br_blocks blocks = {
        .network = network, .count = out->samples, .threads = threads, .compute = survey_block, .user = &job};
    for (uint32_t w = 0; w < watched; w++)
        if (watch[w] >= out->samples)
            return br_fail(error, BR_ERROR_CHECK, "sample %llu is not among the %llu that are surveyed",
                           (unsigned long long)watch[w], (unsigned long long)out->samples);
    if (br_check_shape(model, samples, error) != 0 || br_methods_choose_once(network, samples, error) != 0)
        return -1;
    job.gather = br_gather_new(samples, model->input_range);
    uint32_t members = br_blocks_members(&blocks);
    int status = take_survey(model, out, error);
    if (status == 0)
        status = take_members(&job, members, error);
    if (status == 0)
        status = br_blocks_run(&blocks, error);
    for (uint32_t m = 0; status == 0 && m < members; m++)
        add_up(&job, &job.members[m]);
    free_members(&job, members);
    if (status != 0)
        br_survey_free(out);
    return status;
}

void br_survey_free(br_survey *survey)
{
    for (uint32_t l = 0; survey->layers && l < survey->layer_count; l++) {
        br_release(survey->layers[l].fired);
        br_release(survey->layers[l].most);
        br_release(survey->layers[l].most_at);
        br_release(survey->layers[l].top);
        br_release(survey->layers[l].live);
    }
    for (uint64_t i = 0; survey->values && i < (uint64_t)survey->watched * survey->layer_count; i++) {
        br_release(survey->values[i].in);
        br_release(survey->values[i].drive);
        br_release(survey->values[i].out);
    }
    br_release(survey->layers);
    br_release(survey->values);
    *survey = (br_survey){0};
}
