#include "train/replicas.h"

#include <float.h>
#include <string.h>

#include "base/memory.h"
#include "engine/workspace.h"

enum { LINE = 16 }; /* floats of a cache line: parts and slices begin at one */

br_part br_replicas_of(uint32_t replicas, const br_ranks *ranks)
{
    return ranks ? br_part_of(replicas, 1, ranks->size, ranks->rank) : (br_part){0, replicas};
}

/* ---- parts of the values ---- */

typedef struct span {
    uint64_t from, to;
} span;

/* Share `part` of the values from .. to - 1. */
static span span_of(span all, uint32_t parts, uint32_t part)
{
    uint64_t lines = (all.to - all.from + LINE - 1) / LINE;
    uint64_t from = all.from + lines * part / parts * LINE, to = all.from + lines * (part + 1) / parts * LINE;
    return (span){from < all.to ? from : all.to, to < all.to ? to : all.to};
}

/* The values that rank `rank` merges. */
static span slice_of(const br_replicas *r, uint32_t rank)
{
    return span_of((span){0, r->values}, r->ranks ? r->ranks->size : 1, r->ranks ? rank : 0);
}

static span own_slice(const br_replicas *r)
{
    return slice_of(r, r->ranks ? r->ranks->rank : 0);
}

/* What an array has of a span, counted from the array's beginning. */
static span within(const br_merged *array, span values)
{
    uint64_t end = array->at + array->count;
    span cut = {values.from > array->at ? values.from : array->at, values.to < end ? values.to : end};
    return cut.from < cut.to ? (span){cut.from - array->at, cut.to - array->at} : (span){0, 0};
}

/* ---- which arrays are merged ---- */

static bool learns_thresholds(const br_phase *phase, uint32_t corrected, const br_layer_code *code)
{
    return phase->theta_xi[corrected] > 0 && !code->parameters.homeostasis;
}

/* Floats of a corrected layer that are merged. */
static uint64_t values_of(const br_model *model, const br_phase *phase, uint32_t corrected)
{
    const br_layer_code *code = &model->layers[phase->layers[corrected]];
    uint64_t means = br_has_moments(phase) ? br_moments_count(code) * (phase->adapts ? 2 : 1) : 0;
    return br_layer_bounds_count(code) + means + (learns_thresholds(phase, corrected, code) ? code->layout.pitch : 0);
}

static int add_array(br_replicas *r, br_merge merge, float *before, uint64_t count, br_error *error)
{
    br_merged *array = &r->arrays[r->array_count];
    merge.roots = r->roots;
    *array = (br_merged){.merge = merge, .before = before, .at = r->values, .count = count};
    array->each = br_new((uint64_t)r->own.to - r->own.from, sizeof *array->each, error);
    if (!array->each)
        return -1;
    r->array_count++;
    r->values += count;
    return 0;
}

static int list_layer(br_replicas *r, const br_learner *base, const br_phase *phase, uint32_t corrected,
                      br_error *error)
{
    uint32_t layer = phase->layers[corrected], first = r->array_count;
    const br_layer_code *code = &base->network->model->layers[layer];
    float most = code->parameters.v_max, theta = code->parameters.theta_max;
    br_layer_bounds *state = &base->network->layers[layer];
    br_merge means = {.kind = BR_MERGE_MEANS};
    uint64_t kept = br_moments_count(code);
    bool thresholds = learns_thresholds(phase, corrected, code), squares = base->moments && base->moments->adapts;
    if (add_array(r, (br_merge){.kind = BR_MERGE_BOUNDS, .low = -most, .high = most}, state->bounds,
                  br_layer_bounds_count(code), error) != 0 ||
        (thresholds && add_array(r, (br_merge){.kind = BR_MERGE_THRESHOLDS, .low = 0, .high = theta}, state->theta,
                                 code->layout.pitch, error) != 0) ||
        (base->moments && add_array(r, means, base->moments->step[layer], kept, error) != 0) ||
        (squares && add_array(r, means, base->moments->square[layer], kept, error) != 0))
        return -1;
    for (uint32_t i = 0; i < r->own.to - r->own.from; i++) {
        br_replica *one = &r->each[i];
        uint32_t at = first;
        r->arrays[at++].each[i] = one->network.layers[layer].bounds;
        if (thresholds)
            r->arrays[at++].each[i] = one->network.layers[layer].theta;
        if (base->moments)
            r->arrays[at++].each[i] = one->learner.moments->step[layer];
        if (squares)
            r->arrays[at++].each[i] = one->learner.moments->square[layer];
    }
    return 0;
}

/* ---- made and freed ---- */

/* A network of its own whose layers share all arrays with `network`, except those that the phase changes. */
static int take_state(br_replica *one, const br_network *network, const br_phase *phase, br_error *error)
{
    const br_model *model = network->model;
    one->network = *network;
    one->network.layers = br_new(model->layer_count, sizeof *one->network.layers, error);
    if (!one->network.layers)
        return -1;
    memcpy(one->network.layers, network->layers, model->layer_count * sizeof *one->network.layers);
    for (uint32_t i = 0; i < phase->layer_count; i++)
        one->network.layers[phase->layers[i]].bounds = one->network.layers[phase->layers[i]].theta = NULL;
    for (uint32_t i = 0; i < phase->layer_count; i++) {
        const br_layer_code *code = &model->layers[phase->layers[i]];
        br_layer_bounds *own = &one->network.layers[phase->layers[i]];
        const br_layer_bounds *from = &network->layers[phase->layers[i]];
        own->bounds = br_new_aligned(br_layer_bounds_count(code), sizeof *own->bounds, error);
        own->theta = own->bounds ? br_new_aligned(br_theta_count(code), sizeof *own->theta, error) : NULL;
        if (!own->theta)
            return -1;
        memcpy(own->bounds, from->bounds, br_layer_bounds_count(code) * sizeof *own->bounds);
        memcpy(own->theta, from->theta, br_theta_count(code) * sizeof *own->theta);
    }
    return 0;
}

static void release_state(br_replica *one, const br_network *network)
{
    for (uint32_t i = 0; one->network.layers && i < network->model->layer_count; i++) {
        if (one->network.layers[i].bounds != network->layers[i].bounds)
            br_release(one->network.layers[i].bounds);
        if (one->network.layers[i].theta != network->layers[i].theta)
            br_release(one->network.layers[i].theta);
    }
    br_release(one->network.layers);
}

static int replica_new(br_replica *one, br_learner *base, const br_phase *phase, uint32_t phase_index, br_error *error)
{
    if (take_state(one, base->network, phase, error) != 0 ||
        br_learner_begin(&one->learner, &one->network, base->team, phase, phase_index, error) != 0)
        return -1;
    one->learner.members = 1;
    one->learner.first = base->first;
    one->learner.weights = base->weights;
    one->learner.masks = base->masks;
    return 0;
}

/* The buffers of the exchange. */
static int take_buffers(br_replicas *r, br_error *error)
{
    uint64_t own = r->own.to - r->own.from, all;
    span slice = own_slice(r);
    if (!r->ranks)
        return 0;
    r->send_bytes = br_new(r->ranks->size, sizeof *r->send_bytes, error);
    r->take_bytes = r->send_bytes ? br_new(r->ranks->size, sizeof *r->take_bytes, error) : NULL;
    if (!r->take_bytes)
        return -1;
    if (!br_multiply(r->values, r->count, &all) || all > UINT64_MAX / sizeof(float))
        return br_fail(error, BR_ERROR_CHECK, "%u replicas of %llu values can't be exchanged; use fewer replicas",
                       r->count, (unsigned long long)r->values);
    r->sent = br_new_aligned(own * r->values, sizeof *r->sent, error);
    r->taken = r->sent ? br_new_aligned(r->count * (slice.to - slice.from), sizeof *r->taken, error) : NULL;
    r->whole = r->taken ? br_new_aligned(r->values, sizeof *r->whole, error) : NULL;
    return r->whole ? 0 : -1;
}

int br_replicas_new(br_learner *base, const br_phase *phase, uint32_t phase_index, const br_ranks *ranks,
                    br_replicas *out, br_error *error)
{
    *out = (br_replicas){.network = base->network, .ranks = ranks};
    if (!br_has_replicas(phase))
        return 0;
    out->own = br_replicas_of(phase->replicas, ranks);
    out->count = phase->replicas;
    uint32_t own = out->own.to - out->own.from;
    out->each = br_new(own, sizeof *out->each, error);
    out->tallies = out->each ? br_new(out->count, sizeof *out->tallies, error) : NULL;
    out->arrays = out->tallies ? br_new(phase->layer_count, 4 * sizeof *out->arrays, error) : NULL;
    out->roots = out->arrays ? br_new(out->count + 1ull, sizeof *out->roots, error) : NULL;
    out->lists =
        out->roots ? br_new((uint64_t)br_team_members(base->team) * out->count, sizeof *out->lists, error) : NULL;
    int status = out->lists ? 0 : -1;
    if (status == 0)
        br_merge_roots(out->count, out->roots);
    for (uint32_t i = 0; status == 0 && i < own; i++)
        status = replica_new(&out->each[i], base, phase, phase_index, error);
    for (uint32_t i = 0; status == 0 && i < phase->layer_count; i++)
        status = list_layer(out, base, phase, i, error);
    if (status == 0)
        status = take_buffers(out, error);
    if (status != 0)
        br_replicas_free(out);
    return status;
}

void br_replicas_free(br_replicas *r)
{
    for (uint32_t i = 0; r->each && i < r->own.to - r->own.from; i++) {
        r->each[i].learner.weights = NULL; /* those of the phase's learner */
        if (r->each[i].learner.network)
            br_learner_end(&r->each[i].learner);
        release_state(&r->each[i], r->network);
    }
    for (uint32_t i = 0; i < r->array_count; i++)
        br_release(r->arrays[i].each);
    br_release(r->each);
    br_release(r->tallies);
    br_release(r->arrays);
    br_release(r->roots);
    br_release(r->lists);
    br_release(r->sent);
    br_release(r->taken);
    br_release(r->whole);
    br_release(r->send_bytes);
    br_release(r->take_bytes);
    *r = (br_replicas){0};
}

static bool add_product(uint64_t a, uint64_t b, uint64_t *total)
{
    uint64_t product;
    return br_multiply(a, b, &product) && br_add(*total, product, total);
}

uint64_t br_replicas_bytes(const br_model *model, const br_phase *phase, const br_ranks *ranks, uint32_t members)
{
    uint64_t values = 0, bytes = 0;
    br_part mine = br_replicas_of(phase->replicas, ranks);
    uint64_t own = mine.to - mine.from,
             exchanged = ranks ? own + 1 + (phase->replicas + ranks->size - 1) / ranks->size : 0;
    if (!br_has_replicas(phase))
        return 0;
    for (uint32_t i = 0; i < phase->layer_count; i++)
        values += values_of(model, phase, i);
    bool counted = add_product(own, br_workspace_bytes(model, phase->batch, true), &bytes) &&
                   add_product(own + exchanged, values * sizeof(float), &bytes) &&
                   add_product(members, phase->replicas * sizeof(float *), &bytes);
    return counted ? bytes : UINT64_MAX;
}

/* ---- between two merges ---- */

void br_replica_begin(const br_replicas *r, uint32_t own)
{
    for (uint32_t i = 0; i < r->array_count; i++)
        memcpy(r->arrays[i].each[own], r->arrays[i].before, r->arrays[i].count * sizeof(float));
    br_learner_derive(&r->each[own].learner);
}

/* ---- the exchange ---- */

/* Rank q gets, of each replica of this rank, the values of its slice: [own][slice], one rank after the other. */
void br_replica_end(br_replicas *r, uint32_t own)
{
    uint64_t mine = r->own.to - r->own.from;
    for (uint32_t q = 0; r->ranks && q < r->ranks->size; q++) {
        span slice = slice_of(r, q);
        float *to = r->sent + mine * slice.from + own * (slice.to - slice.from);
        for (uint32_t i = 0; i < r->array_count; i++) {
            const br_merged *array = &r->arrays[i];
            span part = within(array, slice);
            if (part.from < part.to)
                memcpy(to + (array->at + part.from - slice.from), array->each[own] + part.from,
                       (part.to - part.from) * sizeof *to);
        }
    }
}

int br_replicas_exchange(br_replicas *r, br_error *error)
{
    uint64_t mine = r->own.to - r->own.from, slice = own_slice(r).to - own_slice(r).from;
    if (!r->ranks)
        return 0;
    for (uint32_t q = 0; q < r->ranks->size; q++) {
        br_part theirs = br_part_of(r->count, 1, r->ranks->size, q);
        r->send_bytes[q] = mine * (slice_of(r, q).to - slice_of(r, q).from) * sizeof *r->sent;
        r->take_bytes[q] = (theirs.to - theirs.from) * slice * sizeof *r->taken;
    }
    return r->ranks->exchange(r->ranks->user, r->sent, r->send_bytes, r->taken, r->take_bytes, error);
}

int br_replicas_gather(br_replicas *r, br_error *error)
{
    if (!r->ranks)
        return 0;
    for (uint32_t q = 0; q < r->ranks->size; q++)
        r->take_bytes[q] = (slice_of(r, q).to - slice_of(r, q).from) * sizeof *r->whole;
    return r->ranks->gather(r->ranks->user, r->whole, r->take_bytes, error);
}

/* ---- merging ---- */

/* Where the states of the first replicas lie, from element `from` of the array on. With ranks they are in `taken`,
 * [replica][slice]. */
static void find_states(const br_replicas *r, const br_merged *array, uint64_t from, uint32_t active,
                        const float **list)
{
    span slice = own_slice(r);
    for (uint32_t i = 0; i < active; i++)
        list[i] =
            r->ranks ? r->taken + i * (slice.to - slice.from) + (array->at + from - slice.from) : array->each[i] + from;
}

void br_replicas_merge(br_replicas *r, uint32_t active, uint32_t members, uint32_t member)
{
    span mine = span_of(own_slice(r), members, member);
    const float **list = r->lists + (uint64_t)member * r->count;
    for (uint32_t i = 0; i < r->array_count; i++) {
        const br_merged *array = &r->arrays[i];
        span part = within(array, mine);
        br_merge merge = array->merge;
        if (part.from >= part.to)
            continue;
        find_states(r, array, part.from, active, list);
        merge.count = active;
        merge.before = array->before + part.from;
        merge.each = list;
        merge.after = (r->ranks ? r->whole + array->at : array->before) + part.from;
        br_merge_part(&merge, 0, part.to - part.from);
    }
}

void br_replicas_take(br_replicas *r, uint32_t members, uint32_t member)
{
    span mine = span_of((span){0, r->values}, members, member);
    for (uint32_t i = 0; r->ranks && i < r->array_count; i++) {
        const br_merged *array = &r->arrays[i];
        span part = within(array, mine);
        if (part.from < part.to)
            memcpy(array->before + part.from, r->whole + array->at + part.from, (part.to - part.from) * sizeof(float));
    }
}
