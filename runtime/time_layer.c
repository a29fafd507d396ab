/* Seconds of each kernel of one layer, alone, on random inputs: what `bouton bench` prints. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "learn.h"
#include "memory.h"

enum { REPEATS_MOST = 10000 };

static float unit(uint64_t seed, uint32_t lane, uint64_t index)
{
    uint32_t words[4];
    br_random4(seed, BR_STREAM_TEST, lane, index, words);
    return br_random_unit(words[0]);
}

/* A share `live` of inputs on at random levels, random small errors above; everything the three kernels read. */
static void fill(const br_network *network, br_work *work, uint32_t layer, double live, uint64_t seed)
{
    const br_layer_code *code = &network->model->layers[layer];
    br_layer_state *s = &work->layers[layer];
    float *in = (float *)s->in;
    uint64_t values = (uint64_t)code->in.height * code->in.width * code->in.channels;
    uint64_t places = (uint64_t)code->out.height * code->out.width;
    for (uint32_t n = 0; n < work->batch; n++) {
        for (uint64_t i = 0; i < values; i++) {
            bool on = (double)unit(seed, 2 * layer, n * values + i) < live;
            float level = unit(seed, 2 * layer + 1, n * values + i);
            in[(uint64_t)n * code->in.stride + br_row_of(code, i)] = on ? level * code->range_in : 0;
        }
        for (uint64_t i = 0; i < places * code->neurons; i++)
            s->error[(uint64_t)n * code->out.stride + i / code->neurons * code->out.pitch + i % code->neurons] =
                unit(seed, 0x10000u + layer, (uint64_t)n * places * code->neurons + i) - 0.5f;
        s->active[n] = 1;
    }
    s->rate = 1e-4f; /* small: bounds stay what they are over the repeats */
    s->xi = 1e-4f;
}

static void once(const br_layer_code *code, const br_layer_state *s, uint32_t batch, br_work_kind work)
{
    switch (work) {
    case BR_WORK_FORWARD:
        if (code->events)
            code->events(s, 0, batch, 0, 0);
        code->forward(s, 0, batch, 0, code->stride / code->lanes);
        if (code->depress)
            code->depress(s, 0, batch, 0, 0);
        break;
    case BR_WORK_FEEDBACK:
        for (uint32_t n = 0; code->kind == BR_LAYER_CONV && n < batch; n++) {
            code->pairs(s, n, n + 1, 0, 1);
            code->feedback(s, n, n + 1, 0, 1);
        }
        if (code->kind != BR_LAYER_CONV)
            code->feedback(s, 0, batch, 0, code->rows);
        break;
    case BR_WORK_STEP:
        if (code->kind == BR_LAYER_DENSE) {
            code->rows_of(s, 0, batch, 0, code->rows);
            code->step(s, 0, code->rows, 0, code->stride / code->lanes);
        } else if (code->step) {
            for (uint32_t n = 0; n < batch; n++) {
                code->pairs(s, n, n + 1, 0, 1);
                code->step(s, n, n + 1, 0, 1);
            }
            code->apply(s, 0, code->stride / code->lanes, 0, 0);
        }
        break;
    case BR_WORKS:
        break;
    }
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int measure(const br_network *network, br_work *work, uint32_t layer, uint32_t repeat, br_timing *out,
                   br_error *error)
{
    const br_layer_code *code = &network->model->layers[layer];
    double *seconds = br_new(repeat, sizeof *seconds, error);
    if (!seconds)
        return -1;
    once(code, &work->layers[layer], work->batch, BR_WORK_FORWARD);
    once(code, &work->layers[layer], work->batch, BR_WORK_STEP); /* rows are there for feedback */
    for (int kind = 0; kind < BR_WORKS; kind++) {
        out[kind] = (br_timing){0};
        if (kind == BR_WORK_FEEDBACK && !code->feedback)
            continue;
        for (uint32_t r = 0; r < repeat; r++) {
            double begin = br_now();
            once(code, &work->layers[layer], work->batch, (br_work_kind)kind);
            seconds[r] = br_now() - begin;
        }
        qsort(seconds, repeat, sizeof *seconds, ascending);
        out[kind] = (br_timing){seconds[repeat / 2], seconds[0], seconds[repeat - 1]};
    }
    br_release(seconds);
    return 0;
}

int br_time_layer(br_network *network, uint32_t layer, uint32_t batch, double live, uint32_t repeat, uint64_t seed,
                  br_timing out[BR_WORKS], br_error *error)
{
    if (repeat < 1 || repeat > REPEATS_MOST)
        return br_fail(error, BR_ERROR_USAGE, "%u repeats; from 1 to %d are served", repeat, REPEATS_MOST);
    br_network *copy; /* steps move bounds: the caller's stay */
    br_work *work = NULL;
    if (br_network_copy_new(network, &copy, error) != 0)
        return -1;
    int status = br_work_new(copy, batch, true, &work, error);
    if (status == 0) {
        fill(copy, work, layer, live, seed);
        status = measure(copy, work, layer, repeat, out, error);
    }
    br_work_free(work);
    br_network_free(copy);
    return status;
}
