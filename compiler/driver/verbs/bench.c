/* bouton bench: the speed of each layer's kernels and of the whole network, compared with the machine's multiply-add
 * peak.
 *
 *     code -> for each layer: peak, kernels -> whole network, peak -> table or JSON */
#include "verbs/bench.h"

#include <stdlib.h>

#include "show/ticker.h"
#include "verbs/verbs.h"

#define REPEAT_DEFAULT 21
#define REPEAT_PEAK    5
#define BATCH_DEFAULT  64  /* for a layer that no phase trains */
#define LIVE_DEFAULT   0.2 /* similar to the ink of handwritten digits */

/* ---- measuring ---- */

/* The batch size of the first phase that trains the layer. */
static uint32_t batch_of(const benchmark *bench, uint32_t layer)
{
    const br_schedule *schedule = &bench->s->compiled.schedule;
    if (bench->options.batch > 0)
        return bench->options.batch;
    for (uint32_t p = 0; p < schedule->phase_count; p++)
        for (uint32_t i = 0; schedule->phases[p].kind == BT_PHASE_CORRECT && i < schedule->phases[p].layer_count; i++)
            if (schedule->phases[p].layers[i] == layer)
                return schedule->phases[p].batch;
    return BATCH_DEFAULT;
}

static void note_spreads(benchmark *bench, const br_timings *timings)
{
    for (uint32_t i = 0; i < timings->count; i++)
        if (bench_spread(&timings->works[i]) > bench->spread)
            bench->spread = bench_spread(&timings->works[i]);
}

static int measure_layer(benchmark *bench, uint32_t layer, br_error *error)
{
    br_timing_options options = bench->options;
    options.batch = batch_of(bench, layer);
    if (br_time_layer(bench->s->compiled.network, layer, &options, &bench->layers[layer], error) != 0)
        return -1;
    note_spreads(bench, &bench->layers[layer]);
    return 0;
}

/* Trains with the last phase that corrects, which produces the final network. */
static int measure_network(benchmark *bench, br_error *error)
{
    const br_schedule *schedule = &bench->s->compiled.schedule;
    uint32_t p = schedule->phase_count;
    while (p > 0 && schedule->phases[p - 1].kind != BT_PHASE_CORRECT)
        p--;
    bench->phase = p > 0 ? &schedule->phases[p - 1] : NULL;
    if (br_time_network(bench->s->compiled.network, bench->phase, p > 0 ? p - 1 : 0, &bench->options, bench->network,
                        error) != 0)
        return -1;
    for (int i = 0; i < BR_NETWORK_TIMINGS; i++)
        note_spreads(bench, &bench->network[i]);
    return 0;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void settle_peak(benchmark *bench, uint32_t count)
{
    qsort(bench->peaks, count, sizeof *bench->peaks, ascending);
    bench->peak = bench->peaks[count / 2];
    bench->disagreement = (bench->peaks[count - 1] - bench->peaks[0]) / bench->peak;
}

/* The peak is measured before each layer and at the end. If these peaks differ, the figures in between are not
 * reliable either. */
static int measure(benchmark *bench, const bc_peak *peak, br_error *error)
{
    br_timing_options options = bench->options;
    uint32_t layers = bench->s->source.program->layer_count, floats;
    br_kernel *kernel = bc_peak_kernel(peak, &floats);
    options.repeat = REPEAT_PEAK;
    for (uint32_t i = 0; i <= layers; i++) {
        if (br_time_peak(kernel, floats, &options, &bench->peaks[i], error) != 0)
            return -1;
        const char *name = i < layers ? bench->s->source.program->layers[i].name : "the network";
        ticker *t = ticker_begin(bench->s->cli, "measuring %s", name);
        int failed = i < layers ? measure_layer(bench, i, error) : measure_network(bench, error);
        ticker_end(t);
        if (failed != 0)
            return -1;
    }
    settle_peak(bench, layers + 1);
    return 0;
}

/* ---- the verb ---- */

static int warn_of_noise(const benchmark *bench)
{
    if (!bench_noisy(bench))
        return STATUS_DONE;
    say(bench->s->cli, MESSAGE_WARNING,
        "The machine is noisy: the largest spread is %.0f%% and the peaks differ by %.0f%%, where %.0f%% is the limit "
        "for both; repeat the measurement on an idle machine",
        100 * bench->spread, 100 * bench->disagreement, 100 * BENCH_SPREAD_MOST);
    return STATUS_DONE;
}

static void read_options(benchmark *bench)
{
    const command_line *cli = bench->s->cli;
    bench->options.repeat = (uint32_t)cli_count(cli, OPTION_repeat, REPEAT_DEFAULT);
    bench->options.batch = (uint32_t)cli_count(cli, OPTION_batch, 0);
    bench->options.threads = (uint32_t)cli_count(cli, OPTION_bench_threads, 1);
    bench->options.live = cli_number(cli, OPTION_live, LIVE_DEFAULT);
}

static int measure_all(benchmark *bench)
{
    const command_line *cli = bench->s->cli;
    uint32_t layers = bench->s->source.program->layer_count;
    bc_options options = session_options(bench->s);
    bc_peak *peak;
    br_error error;
    bench->layers = allocate(cli, layers, sizeof *bench->layers);
    bench->peaks = bench->layers != NULL ? allocate(cli, layers + 1, sizeof *bench->peaks) : NULL;
    if (bench->peaks == NULL)
        return STATUS_FAULT;
    if (bc_peak_new(&options, &peak, &error) != 0)
        return fail_with(cli, &error);
    int result = measure(bench, peak, &error);
    bc_peak_free(peak);
    return result == 0 ? STATUS_DONE : fail_with(cli, &error);
}

/* Takes the training samples, or the test samples if there are none. */
static int choose_samples(benchmark *bench, const br_data *data)
{
    const br_samples *samples = br_data_split(data, BT_SPLIT_TRAIN);
    if (samples->count == 0)
        samples = br_data_split(data, BT_SPLIT_TEST);
    if (samples->count == 0)
        return fail(bench->s->cli, STATUS_IO, "%s: its data hold no samples", bench->s->source.path);
    bench->options.samples = samples;
    return STATUS_DONE;
}

/* The scales come from the validation samples, as in eval; without data, from the ranges of the layers. */
static int quantise(benchmark *bench, const br_data *data)
{
    const session *s = bench->s;
    const br_samples none = {0}, *samples = data != NULL ? br_data_split(data, BT_SPLIT_VALIDATION) : &none;
    br_error error;
    if (!cli_has(s->cli, OPTION_quantize))
        return STATUS_DONE;
    ticker *t = session_follow(s, ticker_begin(s->cli, "calibrating 8 bits"));
    int failed = br_quantise(s->compiled.network, samples, bench->options.threads, &bench->quantised, &error);
    session_leave(s, t);
    if (failed != 0)
        return fail_with(s->cli, &error);
    bench->options.quantised = bench->quantised;
    return STATUS_DONE;
}

static int bench_session(benchmark *bench)
{
    session *s = bench->s;
    br_data *data = NULL;
    int status = session_check(s);
    if (status == STATUS_DONE)
        status = session_compile(s);
    read_options(bench);
    bench->options.seed = s->source.seed;
    if (status == STATUS_DONE && cli_has(s->cli, OPTION_data))
        status = session_data(s, &data);
    if (status == STATUS_DONE && data != NULL)
        status = choose_samples(bench, data);
    if (status == STATUS_DONE)
        status = quantise(bench, data);
    if (status == STATUS_DONE)
        status = measure_all(bench);
    if (status == STATUS_DONE)
        status = (cli_has(s->cli, OPTION_json) ? bench_print_json : bench_print_table)(bench, stdout);
    if (status == STATUS_DONE)
        status = warn_of_noise(bench);
    br_data_free(data);
    return status;
}

int verb_bench(const command_line *cli)
{
    session s;
    int status = session_open(&s, cli, cli->operands[0]);
    benchmark bench = {.s = &s, .machine = machine_facts()};
    if (status == STATUS_DONE)
        status = bench_session(&bench);
    free(bench.layers);
    free(bench.peaks);
    br_quantised_free(bench.quantised);
    session_close(&s);
    return status;
}
