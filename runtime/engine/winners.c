#include "engine/winners.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "engine/blocks.h"
#include "engine/features.h"
#include "engine/forward.h"

enum { STEPS = 255, GROUP = 16 };

/* A list: the number of winners of each place (u16), their channels (u16), place by place, and their steps (u8). */
typedef struct list {
    uint16_t *counts, *channels;
    uint8_t *steps;
} list;

static uint64_t places_of(const br_model *model, uint32_t pool)
{
    return br_map_places(model->layers[pool].shape.in);
}

static list list_at(uint8_t *bytes, uint64_t places, uint64_t winners)
{
    list l = {.counts = (uint16_t *)bytes};
    l.channels = l.counts + places;
    l.steps = (uint8_t *)(l.channels + winners);
    return l;
}

static uint64_t bytes_of(uint64_t places, uint64_t winners)
{
    return places * sizeof(uint16_t) + winners * (sizeof(uint16_t) + 1);
}

bool br_winners_served(const br_model *model, uint32_t pool)
{
    const br_layer_code *code = &model->layers[pool];
    if (code->kind != BT_LAYER_POOL || code->parameters.jitter == 0 || code->kernels.depress ||
        code->source_count > 1 || code->sources[0] == BT_INPUT || pool >= br_last_layer(model))
        return false;
    const br_layer_code *below = &model->layers[code->sources[0]];
    return below->parameters.winners > 0 && code->shape.in.channels <= UINT16_MAX && br_can_cut(model, pool) &&
           br_can_cut(model, pool + 1) && model->layers[pool + 1].sources[0] == pool;
}

uint64_t br_winners_most(const br_model *model, uint32_t pool)
{
    const br_layer_code *below = &model->layers[model->layers[pool].sources[0]];
    uint64_t places = places_of(model, pool);
    return bytes_of(places, places * below->parameters.winners);
}

/* ---- from a map to a list ---- */

static bool any(const float *values)
{
    uint64_t words[GROUP / 2], all = 0;
    memcpy(words, values, sizeof words);
    for (uint32_t i = 0; i < GROUP / 2; i++)
        all |= words[i];
    return all != 0;
}

/* The winners of one place. Those that fire at less than half a step are left out. */
static uint32_t list_place(const float *values, uint32_t channels, float per_step, uint16_t *channel, uint8_t *step)
{
    uint32_t n = 0;
    for (uint32_t from = 0; from < channels; from += GROUP) {
        uint32_t to = from + GROUP < channels ? from + GROUP : channels;
        if (to - from == GROUP && !any(values + from))
            continue;
        for (uint32_t c = from; c < to; c++) {
            float steps = rintf(values[c] * per_step);
            if (!(steps > 0))
                continue;
            channel[n] = (uint16_t)c;
            step[n++] = (uint8_t)(steps < STEPS ? steps : STEPS);
        }
    }
    return n;
}

/* Makes the list of a map in `bytes`, which have room for br_winners_most. Returns its length in bytes. */
static uint64_t list_map(const br_model *model, uint32_t pool, const float *map, uint8_t *bytes)
{
    const br_layer_code *code = &model->layers[pool];
    uint64_t places = places_of(model, pool), n = 0;
    float per_step = STEPS / model->layers[code->sources[0]].parameters.range_out;
    uint64_t most = places * model->layers[code->sources[0]].parameters.winners;
    list l = list_at(bytes, places, most);
    for (uint64_t p = 0; p < places; p++) {
        uint32_t count =
            list_place(map + p * code->shape.in.pitch, code->shape.in.channels, per_step, l.channels + n, l.steps + n);
        l.counts[p] = (uint16_t)count;
        n += count;
    }
    memmove(l.channels + n, l.steps, n);
    return bytes_of(places, n);
}

/* ---- from a list to a pooled map ---- */

/* The cell of each row or column: borders move by `by` towards the beginning, those of the map stay. */
static void cells_of(uint32_t n, uint32_t cells, int32_t by, uint32_t *out)
{
    uint32_t cell = 0;
    for (uint32_t at = 0; at < n; at++) {
        while (cell + 1 < cells && (int64_t)((uint64_t)(cell + 1) * n / cells) - by <= (int64_t)at)
            cell++;
        out[at] = cell;
    }
}

/* Sums of steps: whole numbers, so their order does not matter. */
static void add_list(const br_layer_code *code, uint8_t *bytes, const uint32_t *rows, const uint32_t *columns,
                     uint32_t *sums)
{
    const br_map *in = &code->shape.in;
    uint64_t places = br_map_places(*in), winners = 0;
    list l = list_at(bytes, places, 0);
    for (uint64_t p = 0; p < places; p++)
        winners += l.counts[p];
    l = list_at(bytes, places, winners);
    for (uint32_t y = 0; y < in->height; y++)
        for (uint32_t x = 0; x < in->width; x++) {
            uint32_t *to = sums + ((uint64_t)rows[y] * code->shape.out.width + columns[x]) * in->channels;
            uint32_t count = l.counts[(uint64_t)y * in->width + x];
            for (uint32_t i = 0; i < count; i++)
                to[l.channels[i]] += l.steps[i];
            l.channels += count;
            l.steps += count;
        }
}

static uint32_t count_in(const uint32_t *cells, uint32_t n, uint32_t cell)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++)
        count += cells[i] == cell;
    return count;
}

/* o = min(s, kappa sum), or the mean of the cell's places. */
static void write_cells(const br_winners *w, const uint32_t *rows, const uint32_t *columns, const uint32_t *sums,
                        float *out)
{
    const br_layer_code *code = &w->network->model->layers[w->pool];
    const br_map *in = &code->shape.in, *to = &code->shape.out;
    float step = w->network->model->layers[code->sources[0]].parameters.range_out / STEPS;
    for (uint32_t y = 0; y < to->height; y++)
        for (uint32_t x = 0; x < to->width; x++) {
            float *cell = out + ((uint64_t)y * to->width + x) * to->pitch, factor = step;
            if (code->parameters.calibrates)
                factor *= w->network->layers[w->pool].calibration;
            else
                factor /= (float)(count_in(rows, in->height, y) * count_in(columns, in->width, x));
            for (uint32_t c = 0; c < in->channels; c++, sums++) {
                float o = (float)*sums * factor;
                cell[c] = o < code->parameters.range_out ? o : code->parameters.range_out;
            }
            memset(cell + in->channels, 0, (to->pitch - in->channels) * sizeof *cell);
        }
}

static void pool_list(const br_winners *w, uint8_t *bytes, const int32_t by[2], uint32_t member, float *out)
{
    const br_layer_code *code = &w->network->model->layers[w->pool];
    const br_map *in = &code->shape.in, *to = &code->shape.out;
    uint32_t *sums = w->sums[member], values = (uint32_t)br_map_places(*to) * in->channels;
    uint32_t *rows = sums + values, *columns = rows + in->height;
    memset(sums, 0, values * sizeof *sums);
    cells_of(in->height, to->height, by[0], rows);
    cells_of(in->width, to->width, by[1], columns);
    add_list(code, bytes, rows, columns, sums);
    write_cells(w, rows, columns, sums, out);
}

/* ---- lists of samples ---- */

static void gather_entry(const br_winners *w, const br_workspace *workspace, uint64_t entry, uint32_t at)
{
    uint64_t samples = w->gather.samples->count;
    br_gather_sample(&w->gather, entry % samples, 0, 0, entry >= samples,
                     workspace->in + (uint64_t)at * w->network->model->layers[0].shape.in.sample_stride);
}

/* The map of sample `at` of the workspace as a list in the member's own room. Returns its length in bytes. */
static uint64_t take_list(const br_winners *w, const br_workspace *workspace, uint32_t at, uint32_t member)
{
    const br_model *model = w->network->model;
    uint64_t stride = model->layers[w->pool].shape.in.sample_stride;
    return list_map(model, w->pool, workspace->layers[w->pool].in + at * stride, w->own[member]);
}

void br_winners_pool(const br_winners *w, uint64_t entry, const int32_t by[2], uint32_t member, float *out)
{
    uint8_t *bytes = w->lists[entry];
    if (!bytes) {
        const br_workspace *workspace = w->spare.each[member];
        gather_entry(w, workspace, entry, 0);
        br_forward_answers(workspace, 0, w->pool, 0, 1);
        take_list(w, workspace, 0, member);
        bytes = w->own[member];
    }
    pool_list(w, bytes, by, member, out);
}

static int keep_lists(void *user, const br_workspace *workspace, uint32_t member, uint64_t begin, uint32_t n,
                      br_error *error)
{
    br_winners *w = user;
    for (uint32_t i = 0; i < n; i++)
        gather_entry(w, workspace, begin + i, i);
    br_forward_answers(workspace, 0, w->pool, 0, n);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t size = take_list(w, workspace, i, member);
        w->lists[begin + i] = br_new(size, 1, error);
        if (!w->lists[begin + i])
            return -1;
        memcpy(w->lists[begin + i], w->own[member], size);
    }
    return 0;
}

/* A list and the sums of a pool for each member. */
static int new_rooms(br_winners *w, br_error *error)
{
    const br_layer_code *code = &w->network->model->layers[w->pool];
    uint64_t values = br_map_places(code->shape.out) * code->shape.in.channels;
    w->own = br_new(w->members, sizeof *w->own, error);
    w->sums = w->own ? br_new(w->members, sizeof *w->sums, error) : NULL;
    for (uint32_t i = 0; w->sums && i < w->members; i++) {
        w->own[i] = br_new(br_winners_most(w->network->model, w->pool), 1, error);
        w->sums[i] =
            w->own[i] ? br_new(values + code->shape.in.height + code->shape.in.width, sizeof **w->sums, error) : NULL;
        if (!w->sums[i])
            return -1;
    }
    return w->sums ? 0 : -1;
}

int br_winners_new(const br_network *network, const br_samples *samples, const br_winners_job *job, br_winners *out,
                   br_error *error)
{
    *out = (br_winners){.network = network,
                        .gather = br_gather_new(samples, network->model->input_range),
                        .pool = job->pool,
                        .count = samples->count * (job->mirrored ? 2 : 1),
                        .members = job->threads};
    uint64_t most = br_winners_most(network->model, job->pool);
    out->kept = out->count <= job->bytes / most ? out->count : job->bytes / most;
    br_blocks blocks = {.network = network,
                        .count = out->kept,
                        .threads = job->threads,
                        .compute = keep_lists,
                        .user = out,
                        .watch = job->watch};
    out->lists = br_new(out->count, sizeof *out->lists, error);
    int status = out->lists ? new_rooms(out, error) : -1;
    if (status == 0 && out->kept > 0)
        status = br_blocks_run(&blocks, error);
    if (status == 0 && out->kept < out->count)
        status = br_workspace_pool_new(network, job->threads, 1, &out->spare, error);
    if (status != 0)
        br_winners_free(out);
    return status;
}

void br_winners_free(br_winners *winners)
{
    for (uint64_t i = 0; winners->lists && i < winners->count; i++)
        br_release(winners->lists[i]);
    for (uint32_t i = 0; i < winners->members; i++) {
        if (winners->own)
            br_release(winners->own[i]);
        if (winners->sums)
            br_release(winners->sums[i]);
    }
    br_release(winners->lists);
    br_release(winners->own);
    br_release(winners->sums);
    br_workspace_pool_free(&winners->spare);
    *winners = (br_winners){0};
}
