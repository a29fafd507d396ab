/* Times each kernel of one layer by itself, for `bouton bench`. One row of `works` for each kind of work and method. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "bench/timing.h"
#include "engine/choose.h"
#include "engine/int8.h"
#include "engine/methods.h"
#include "engine/samples.h"
#include "engine/workspace_pool.h"
#include "train/learn.h"

#define RATE    1e-6f     /* so small that bounds hardly change over the repeats */
#define WINDOWS "windows" /* the method of pools */
#define PLACES  "places"  /* that of work on each value of a map */

enum { CENTRED = 8 }; /* of the silent places, one in so many is centred: the default of phases */

typedef struct job {
    const br_layer_code *code;
    const br_layer_state *state;
    br_layer_state packed; /* the same for the packed method; its `packed` is NULL if the layer does not have it */
    br_team *team;
    uint32_t samples;
} job;

static br_part part_of(const job *j, uint32_t n, uint32_t unit, uint32_t member)
{
    return br_part_of(n, unit, br_team_members(j->team), member);
}

/* ---- the kinds of work, shared out as in learn.c ---- */

/* Inference shares out samples, in whole groups; training shares out the vector blocks of wide layers. */
static void forward(const job *j, uint32_t member, bt_method id)
{
    const br_layer_code *code = j->code;
    const br_layer_state *s = id == BT_METHOD_PACKED ? &j->packed : j->state;
    br_method method = br_method_of(code, id);
    br_part mine = part_of(j, j->samples, br_method_group(code, id), member);
    bool lines = code->kind != BT_LAYER_DENSE && id != BT_METHOD_PACKED;
    br_part all = {0, lines ? 0 : code->layout.pitch / code->layout.lanes};
    if (method.prepare)
        method.prepare(s, mine.from, mine.to, 0, 0);
    if (code->layout.by_neurons && !method.inference_only) {
        br_part blocks = part_of(j, all.to, code->layout.tile, member);
        br_team_barrier(j->team);
        method.sum(s, 0, j->samples, blocks.from, blocks.to);
        br_team_barrier(j->team);
    } else {
        method.sum(s, mine.from, mine.to, all.from, all.to);
    }
}

typedef struct method_job {
    const job *job;
    bt_method method;
} method_job;

static bool has_method(const job *j, bt_method method)
{
    if (method == BT_METHOD_PACKED)
        return j->packed.tiles.packed != NULL;
    if (method == BT_METHOD_INT8)
        return j->state->int8 != NULL;
    return br_method_of(j->code, method).prepare != NULL;
}

static void forward_method(void *user, uint32_t member)
{
    const method_job *m = user;
    forward(m->job, member, m->method);
}

static bool is_pool(const job *j)
{
    return j->code->kind == BT_LAYER_POOL;
}

static void forward_windows(void *user, uint32_t member)
{
    forward(user, member, BT_METHOD_EVENTS);
}

static bool is_depressed(const job *j)
{
    return j->code->kernels.depress != NULL;
}

static void depress_places(void *user, uint32_t member)
{
    const job *j = user;
    br_part mine = part_of(j, j->samples, 1, member);
    j->code->kernels.depress(j->state, mine.from, mine.to, 0, 0);
}

static bool asks_as_dense(const job *j)
{
    return j->code->kind == BT_LAYER_DENSE && j->code->kernels.feedback;
}

static void feedback_rows(void *user, uint32_t member)
{
    const job *j = user;
    br_part rows = part_of(j, j->code->layout.rows, 1, member);
    j->code->kernels.feedback(j->state, 0, j->samples, rows.from, rows.to);
}

static bool asks_as_pool(const job *j)
{
    return j->code->kind == BT_LAYER_POOL && (j->code->kernels.feedback || j->code->kernels.gate);
}

static void feedback_windows(void *user, uint32_t member)
{
    const job *j = user;
    const br_layer_kernels *kernels = &j->code->kernels;
    br_part mine = part_of(j, j->samples, 1, member);
    (kernels->feedback ? kernels->feedback : kernels->gate)(j->state, mine.from, mine.to, 0, 0);
}

/* Sums over the samples of each group, whose sums stay separate whatever the number of members. */
static void add_groups(const job *j, uint32_t member, br_kernel *add)
{
    br_part groups = part_of(j, BR_GROUPS, 1, member);
    uint64_t floats = 2ull * j->code->layout.pitch;
    for (uint32_t g = groups.from; g < groups.to; g++) {
        br_part samples = br_part_of(j->samples, 1, BR_GROUPS, g);
        memset(j->state->balance.sums + g * floats, 0, floats * sizeof *j->state->balance.sums);
        for (uint32_t n = samples.from; n < samples.to; n++)
            add(j->state, n, n + 1, g, g + 1);
    }
}

static bool is_standardised(const job *j)
{
    return j->code->kernels.standardise != NULL;
}

/* Both sums of a batch: drives for their means, then squares about these. */
static void spread_places(void *user, uint32_t member)
{
    const job *j = user;
    add_groups(j, member, j->code->kernels.spread);
    add_groups(j, member, j->code->kernels.spread);
}

static void lean_places(void *user, uint32_t member)
{
    const job *j = user;
    add_groups(j, member, j->code->kernels.lean);
}

static void standardise_places(void *user, uint32_t member)
{
    const job *j = user;
    br_part mine = part_of(j, j->samples, 1, member);
    j->code->kernels.standardise(j->state, mine.from, mine.to, 0, 0);
}

static void centre_places(void *user, uint32_t member)
{
    const job *j = user;
    br_part mine = part_of(j, j->samples, 1, member);
    j->code->kernels.centre(j->state, mine.from, mine.to, 0, 0);
}

/* Samples in the groups whose steps are summed separately, whatever the number of members. */
static void pairs(const job *j, uint32_t member, br_kernel *kernel)
{
    br_part groups = part_of(j, BR_GROUPS, 1, member);
    for (uint32_t g = groups.from; g < groups.to; g++) {
        br_part samples = br_part_of(j->samples, 1, BR_GROUPS, g);
        br_learn_pairs(j->code, j->state, samples, g, kernel);
    }
}

static bool asks_as_conv(const job *j)
{
    return j->code->kind == BT_LAYER_CONV && j->code->kernels.feedback;
}

static void feedback_pairs(void *user, uint32_t member)
{
    const job *j = user;
    pairs(j, member, j->code->kernels.feedback);
}

static bool steps_as_dense(const job *j)
{
    return j->code->kind == BT_LAYER_DENSE && j->code->kernels.step;
}

static void step_rows(void *user, uint32_t member)
{
    const job *j = user;
    const br_layer_code *code = j->code;
    uint32_t blocks = code->layout.pitch / code->layout.lanes;
    br_part rows = part_of(j, code->layout.rows, 1, member), part = part_of(j, blocks, code->layout.tile, member);
    code->kernels.rows_of(j->state, 0, j->samples, rows.from, rows.to);
    br_team_barrier(j->team);
    if (code->layout.by_neurons)
        code->kernels.step(j->state, 0, code->layout.rows, part.from, part.to);
    else
        code->kernels.step(j->state, rows.from, rows.to, 0, blocks);
}

static bool steps_as_conv(const job *j)
{
    return j->code->kind == BT_LAYER_CONV && j->code->kernels.step;
}

static void pairs_and_end(const job *j, uint32_t member, br_kernel *kernel)
{
    br_part part = part_of(j, j->code->layout.pitch / j->code->layout.lanes, 1, member);
    pairs(j, member, kernel);
    br_team_barrier(j->team);
    j->code->kernels.apply(j->state, part.from, part.to, 0, 0);
}

static void step_pairs(void *user, uint32_t member)
{
    const job *j = user;
    pairs_and_end(j, member, j->code->kernels.step);
}

/* Feedback and step. */
static void learn_pairs(void *user, uint32_t member)
{
    const job *j = user;
    pairs_and_end(j, member, j->code->kernels.learn);
}

/* The rows of the table of timings that follow the methods of bouton/method.def: work, method, and which layers have
 * it. */
static const struct {
    const char *work, *method;
    bool (*has)(const job *j);
    void (*once)(void *user, uint32_t member);
} works[] = {
    {"forward", WINDOWS, is_pool, forward_windows},      {"depress", PLACES, is_depressed, depress_places},
    {"spread", PLACES, is_standardised, spread_places},  {"standardise", PLACES, is_standardised, standardise_places},
    {"lean", PLACES, is_standardised, lean_places},      {"centre", PLACES, is_standardised, centre_places},
    {"feedback", "rows", asks_as_dense, feedback_rows},  {"feedback", WINDOWS, asks_as_pool, feedback_windows},
    {"feedback", "pairs", asks_as_conv, feedback_pairs}, {"step", "rows", steps_as_dense, step_rows},
    {"step", "pairs", steps_as_conv, step_pairs},        {"learn", "pairs", asks_as_conv, learn_pairs},
};

enum { WORKS = sizeof works / sizeof *works };
_Static_assert((int)WORKS + (int)BT_METHODS <= (int)BR_TIMINGS_MOST, "every work of a layer has room in br_timings");

/* ---- the layer's input ---- */

static float unit(uint64_t seed, uint32_t lane, uint64_t index)
{
    uint32_t words[4];
    br_random4(seed, BR_STREAM_TEST, lane, index, words);
    return br_random_unit(words[0]);
}

/* An activation, or a tied level of either side that is not 0, from a number in [0, 1). */
static float value_at(const br_layer_code *code, float unit)
{
    float levels = (float)code->parameters.tied;
    if (levels == 0)
        return unit * code->parameters.range_in;
    float level = floorf(2 * levels * unit) - levels;
    return level < 0 ? level : level + 1;
}

/* Makes a share `live` of the inputs live at random levels, and fills in random errors. */
static void fill_random(br_workspace *workspace, uint32_t layer, const br_timing_options *options)
{
    const br_layer_code *code = &workspace->model->layers[layer];
    const br_layer_state *s = &workspace->layers[layer];
    float *in = (float *)s->in;
    uint64_t values = br_map_values(code->shape.in);
    bool pooled = code->layout.pooled && code->kind == BT_LAYER_CONV;
    const br_map *errors = pooled ? &code[1].shape.out : &code->shape.out;
    uint64_t answers = br_map_places(*errors) * code->shape.neurons;
    for (uint64_t n = 0; n < workspace->batch; n++) {
        for (uint64_t i = 0; i < values; i++) {
            bool on = (double)unit(options->seed, 2 * layer, n * values + i) < options->live;
            float level = unit(options->seed, 2 * layer + 1, n * values + i);
            in[n * code->shape.in.sample_stride + br_row_of(code, i)] = on ? value_at(code, level) : 0;
        }
        for (uint64_t i = 0; i < answers; i++)
            s->error[n * errors->sample_stride + i / code->shape.neurons * errors->pitch + i % code->shape.neurons] =
                unit(options->seed, 0x10000u + layer, n * answers + i) - 0.5f;
        s->active[n] = 1;
    }
}

typedef struct whole_batch {
    br_learner *learner;
    const br_samples *samples;
} whole_batch;

/* Learns from one batch of samples, so that every layer has its real inputs and errors. */
static void learn_samples(void *user, uint32_t member)
{
    const whole_batch *b = user;
    br_workspace *workspace = b->learner->workspace;
    br_gather gather = br_gather_new(b->samples, workspace->model->input_range);
    br_part mine = br_samples_of(b->learner, workspace->batch, member);
    br_gather_labelled(&gather, 0, mine, workspace);
    br_learn_part(b->learner, member, workspace->batch);
}

static double live_share(const br_layer_code *code, const br_layer_state *s, uint32_t samples)
{
    uint64_t values = br_map_values(code->shape.in), live = 0;
    for (uint64_t n = 0; n < samples; n++)
        for (uint64_t i = 0; i < values; i++)
            live += s->in[n * code->shape.in.sample_stride + br_row_of(code, i)] != 0;
    return (double)live / (double)(values * samples);
}

/* Of the lists that the layer was timed with in 8 bits. */
static double quad_share(const br_layer_code *code, const br_layer_state *s, uint32_t samples)
{
    const br_int8_shape *shape = &code->layout.int8;
    if (!s->int8 || shape->tile == 0)
        return 0;
    uint64_t places = br_map_places(code->shape.padded), listed = 0;
    for (uint64_t n = 0; n < samples; n++)
        listed += s->int8->live[n * shape->live_stride + places];
    return (double)listed / ((double)br_map_values(code->shape.in) / 4 * samples);
}

/* ---- all ---- */

/* Packs the layer's current bounds, and allocates its transposed inputs. */
static int pack(const br_network *network, uint32_t layer, job *j, br_error *error)
{
    const br_layer_code *code = j->code;
    j->packed = *j->state;
    if (!br_method_served(code, BT_METHOD_PACKED))
        return 0;
    uint64_t groups = (j->samples + code->layout.transposed_samples - 1) / code->layout.transposed_samples;
    uint64_t floats = groups * br_transposed_group(code);
    if (floats > 0)
        j->packed.tiles.transposed = br_new_aligned(floats, sizeof *j->packed.tiles.transposed, error);
    if (floats > 0 && !j->packed.tiles.transposed)
        return -1;
    return br_pack_new(network, layer, &j->packed.tiles.packed, error);
}

static void name_methods(const br_network *network, uint32_t layer, br_timings *out)
{
    const br_layer_bounds *bounds = &network->layers[layer];
    bool pool = network->model->layers[layer].kind == BT_LAYER_POOL;
    out->inference = pool ? WINDOWS : bt_method_word(bounds->inference);
    out->training = pool ? WINDOWS : bt_method_word(bounds->training);
}

/* Drives and errors are standardised and centred again and again, so by numbers that leave them as they are. */
static void level_balance(const job *j)
{
    uint32_t pitch = j->code->layout.pitch;
    for (uint32_t k = 0; is_standardised(j) && k < pitch; k++) {
        j->state->balance.theta[k] = 0;
        j->state->balance.theta[pitch + k] = 1;
        j->state->balance.lean[k] = j->state->balance.lean[pitch + k] = 0;
    }
}

static int measure(br_learner *learner, uint32_t layer, const br_timing_options *options, br_timings *out,
                   br_error *error)
{
    const br_layer_code *code = &learner->workspace->model->layers[layer];
    job j = {.code = code,
             .state = &learner->workspace->layers[layer],
             .team = learner->team,
             .samples = learner->workspace->batch};
    br_timed things[BT_METHODS + WORKS];
    method_job methods[BT_METHODS];
    if (pack(learner->network, layer, &j, error) != 0) {
        br_release(j.packed.tiles.transposed);
        return -1;
    }
    *out = (br_timings){.batch = j.samples, .live = live_share(code, j.state, j.samples)};
    name_methods(learner->network, layer, out);
    for (int i = 0; i < BT_METHODS; i++) {
        methods[i] = (method_job){&j, (bt_method)i};
        if (!has_method(&j, (bt_method)i))
            continue;
        out->works[out->count] = (br_timing){.work = "forward", .method = bt_method_word((bt_method)i)};
        things[out->count++] = (br_timed){forward_method, &methods[i]};
    }
    for (uint32_t i = 0; i < WORKS; i++) {
        if (!works[i].has(&j))
            continue;
        out->works[out->count] = (br_timing){.work = works[i].work, .method = works[i].method};
        things[out->count++] = (br_timed){works[i].once, &j};
    }
    level_balance(&j);
    if (code->kernels.events) /* feedback needs lists and rows */
        code->kernels.events(j.state, 0, j.samples, 0, 0);
    if (code->kernels.rows_of)
        code->kernels.rows_of(j.state, 0, j.samples, 0, code->layout.rows);
    int status = br_measure(learner->team, things, out->count, options->repeat, out->works, error);
    out->quads = quad_share(code, j.state, j.samples);
    br_release(j.packed.tiles.transposed);
    br_release(j.packed.tiles.packed);
    return status;
}

/* Every layer with connections is corrected, at a very small rate. */
static int time_copy(br_network *network, br_team *team, uint32_t layer, const br_timing_options *options,
                     br_timings *out, br_error *error)
{
    const br_model *model = network->model;
    br_phase phase = {.batch = options->batch, .xi = 1, .centred = CENTRED};
    br_learner learner = {0};
    phase.layers = br_new(model->layer_count, sizeof *phase.layers, error);
    phase.eta = phase.layers ? br_new(model->layer_count, sizeof *phase.eta, error) : NULL;
    phase.theta_xi = phase.eta ? br_new(model->layer_count, sizeof *phase.theta_xi, error) : NULL;
    for (uint32_t i = 0; phase.theta_xi && i < model->layer_count; i++)
        if (model->layers[i].kernels.step) {
            phase.layers[phase.layer_count] = i;
            phase.eta[phase.layer_count++] = RATE;
        }
    int status = phase.theta_xi ? br_learner_begin(&learner, network, team, &phase, 0, error) : -1;
    if (status == 0) {
        learner.lowest = 0;
        br_learner_rates(&learner, &phase, 1);
        if (options->samples)
            br_team_run(team, learn_samples, &(whole_batch){&learner, options->samples});
        else
            fill_random(learner.workspace, layer, options);
        if (options->quantised) /* after the training above, which is done in floats */
            status = br_work_int8(learner.workspace, options->quantised, error);
        if (status == 0)
            status = measure(&learner, layer, options, out, error);
        br_learner_end(&learner);
    }
    br_release(phase.layers);
    br_release(phase.eta);
    br_release(phase.theta_xi);
    return status;
}

/* Compiles the dense method of every layer that can have it, whether its data choose it or not. */
static int make_methods(const br_network *network, uint32_t layer, br_error *error)
{
    bool dense = br_method_served(&network->model->layers[layer], BT_METHOD_DENSE);
    return dense ? br_method_make(network, layer, BT_METHOD_DENSE, error) : 0;
}

static int choose(br_network *network, uint32_t layer, const br_timing_options *options, br_error *error)
{
    if (options->samples)
        return br_methods_choose(network, options->samples, error);
    return br_method_choose(network, layer, (float)options->live, error);
}

int br_time_layer(const br_network *network, uint32_t layer, const br_timing_options *options, br_timings *out,
                  br_error *error)
{
    br_network *copy; /* steps change bounds, so the caller's network is copied */
    br_team *team;
    if (make_methods(network, layer, error) != 0 || br_network_copy_new(network, &copy, error) != 0)
        return -1;
    int status = choose(copy, layer, options, error);
    if (status == 0)
        status = br_team_new(options->threads, &team, error);
    if (status == 0) {
        status = time_copy(copy, team, layer, options, out, error);
        br_team_free(team);
    }
    br_network_free(copy);
    return status;
}
