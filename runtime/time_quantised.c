/* Seconds of one layer's forward in 8 bits, alone, on random inputs. */
#include <stdlib.h>

#include "clock.h"
#include "memory.h"
#include "quantise.h"

enum { REPEATS_MOST = 10000 };

static float unit(uint64_t seed, uint32_t lane, uint64_t index)
{
    uint32_t words[4];
    br_random4(seed, BR_STREAM_TEST, lane, index, words);
    return br_random_unit(words[0]);
}

static void fill(const br_layer_code *code, float *in, uint32_t batch, double live, uint64_t seed)
{
    uint64_t values = (uint64_t)code->in.height * code->in.width * code->in.channels;
    for (uint64_t n = 0; n < batch; n++)
        for (uint64_t i = 0; i < values; i++) {
            bool on = (double)unit(seed, 0, n * values + i) < live;
            in[n * code->in.stride + br_row_of(code, i)] = on ? unit(seed, 1, n * values + i) * code->range_in : 0;
        }
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int measure(const br_layer_code *code, const br_layer_state *s, uint32_t repeat, br_timing *out, br_error *error)
{
    double *seconds = br_new(repeat, sizeof *seconds, error);
    if (!seconds)
        return -1;
    for (uint32_t r = 0; r < repeat; r++) {
        double begin = br_now();
        code->quantise(s, 0, s->batch, 0, 0);
        code->forward_eight(s, 0, s->batch, 0, code->stride / code->lanes);
        seconds[r] = br_now() - begin;
    }
    qsort(seconds, repeat, sizeof *seconds, ascending);
    *out = (br_timing){.median = seconds[repeat / 2], .least = seconds[0], .most = seconds[repeat - 1]};
    br_release(seconds);
    return 0;
}

int br_time_quantised(const br_quantised *quantised, uint32_t layer, uint32_t batch, double live, uint32_t repeat,
                      uint64_t seed, br_timing *out, br_error *error)
{
    const br_layer_code *code = &quantised->network->model->layers[layer];
    br_work *work;
    *out = (br_timing){0};
    if (repeat < 1 || repeat > REPEATS_MOST)
        return br_fail(error, BR_ERROR_USAGE, "%u repeats; from 1 to %d are served", repeat, REPEATS_MOST);
    if (!quantised->facts[layer].eight)
        return 0; /* it stays in floats */
    if (br_work_new(quantised->network, batch, false, &work, error) != 0)
        return -1;
    int status = br_work_eight(work, quantised, error);
    if (status == 0) {
        fill(code, (float *)work->layers[layer].in, batch, live, seed);
        status = measure(code, &work->layers[layer], repeat, out, error);
    }
    br_work_free(work);
    return status;
}
