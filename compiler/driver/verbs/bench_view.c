/* Prints the figures of `bouton bench` as tables or as JSON. */
#include <jansson.h>

#include "show/layer_facts.h"
#include "show/numbers.h"
#include "show/table.h"
#include "verbs/bench.h"

/* The network's works, each with the head of its column of shares and its key in JSON. */
static const struct {
    const char *head, *key;
} wholes[BR_NETWORK_TIMINGS] = {
    [BR_TIME_FORWARD] = {"inference", "share_of_inference"},
    [BR_TIME_INT8] = {"in 8 bits", "share_of_8_bit_inference"},
    [BR_TIME_LEARN] = {"learning", "share_of_learning"},
};

/* ---- tables ---- */

static void add_shares(const benchmark *bench, text_table *table, uint32_t index, const br_timing *timing)
{
    for (int whole = 0; whole < BR_NETWORK_TIMINGS; whole++) {
        double share = bench_share(bench, index, timing, whole);
        if (share > 0)
            table_cell(table, "%.0f%%", 100 * share);
        else if (bench->network[whole].count > 0)
            table_cell(table, "-");
    }
}

static void add_row(const benchmark *bench, text_table *table, uint32_t index, const br_timing *timing)
{
    const bl_layer *layer = &bench->s->source.program->layers[index];
    const br_timings *all = &bench->layers[index];
    number_buffer rate, seconds;
    double connections = bench_connections(layer) * all->batch / timing->median;
    double values = bench_values(layer, timing) * all->batch;
    table_cell(table, "%s", layer->name);
    layer_shape_cell(table, layer);
    table_cell(table, "%s", timing->work);
    table_cell(table, "%s", timing->method);
    table_cell(table, "%u", all->batch);
    table_cell(table, "%.0f%%", 100 * (bench_lists_quads(all, timing) ? all->quads : all->live));
    if (bench_of_places(timing)) {
        table_cell(table, "-");
        table_cell(table, "-");
    } else {
        table_cell(table, "%s/s", number_scaled(rate, connections));
        table_cell(table, "%.0f%%", 100 * connections / bench->peak);
    }
    table_cell(table, "%s", number_seconds(seconds, timing->median));
    table_cell(table, "%.0f%%", 100 * bench_spread(timing));
    if (values > 0)
        table_cell(table, "%.2f ns", 1e9 * timing->median / values);
    else
        table_cell(table, "-");
    add_shares(bench, table, index, timing);
}

static int print_layers(const benchmark *bench, FILE *to)
{
    static const char *const heads[] = {"layer",       "shape",   "work",   "method", "batch",  "live",
                                        "connections", "of peak", "median", "spread", "a value"};
    enum { COLUMNS = sizeof heads / sizeof *heads };
    size_t measured = 0;
    for (size_t i = 0; i < BR_NETWORK_TIMINGS; i++)
        measured += bench->network[i].count > 0;
    text_table table = table_new(bench->s->cli, COLUMNS + measured);
    for (size_t i = 0; i < COLUMNS; i++)
        table_cell(&table, "%s", heads[i]);
    for (size_t i = 0; i < BR_NETWORK_TIMINGS; i++)
        if (bench->network[i].count > 0)
            table_cell(&table, "%s", wholes[i].head);
    for (uint32_t layer = 0; layer < bench->s->source.program->layer_count; layer++)
        for (uint32_t i = 0; i < bench->layers[layer].count; i++)
            add_row(bench, &table, layer, &bench->layers[layer].works[i]);
    int status = table_print(&table, "llllr", 0, to);
    table_free(&table);
    return status;
}

static int print_network(const benchmark *bench, FILE *to)
{
    static const char *const heads[] = {"network", "method", "samples", "median", "spread"};
    text_table table = table_new(bench->s->cli, 5);
    number_buffer number;
    for (size_t i = 0; i < 5; i++)
        table_cell(&table, "%s", heads[i]);
    for (size_t i = 0; i < BR_NETWORK_TIMINGS; i++) {
        const br_timings *all = &bench->network[i];
        const br_timing *timing = &all->works[0];
        if (all->count == 0)
            continue;
        table_cell(&table, "%s", timing->work);
        table_cell(&table, "%s", timing->method);
        table_cell(&table, "%s/s", number_scaled(number, all->batch / timing->median));
        table_cell(&table, "%s", number_seconds(number, timing->median));
        table_cell(&table, "%.0f%%", 100 * bench_spread(timing));
    }
    int status = table_print(&table, "llr", 0, to);
    table_free(&table);
    return status;
}

static void print_head(const benchmark *bench, FILE *to)
{
    number_buffer number;
    const machine_info *machine = &bench->machine;
    uint32_t threads = bench->options.threads;
    fprintf(to, "bouton %s, compiled for %s by LLVM %s in %s\n", BR_VERSION,
            bc_code_model(bench->s->compiled.code)->cpu, bc_llvm_version(),
            number_seconds(number, bc_code_seconds(bench->s->compiled.code)));
    fprintf(to, "%s%s%s, %u of %u processor%s used\n", machine->processor, machine->clock[0] != '\0' ? ", " : "",
            machine->clock, threads < machine->threads ? threads : machine->threads, machine->threads,
            machine->threads == 1 ? "" : "s");
    fprintf(to, "peak %s multiply-adds/s, measured %u times, %.0f%% apart\n", number_scaled(number, bench->peak),
            bench->s->source.program->layer_count + 1, 100 * bench->disagreement);
    if (bench->options.samples != NULL)
        fprintf(to, "%u repeats, samples of the data\n\n", bench->options.repeat);
    else
        fprintf(to, "%u repeats, random input, %.0f%% live\n\n", bench->options.repeat, 100 * bench->options.live);
}

int bench_print_table(const benchmark *bench, FILE *to)
{
    print_head(bench, to);
    int status = print_layers(bench, to);
    fputc('\n', to);
    return status == STATUS_DONE ? print_network(bench, to) : status;
}

/* ---- JSON ---- */

static int add_seconds(json_t *row, const br_timing *timing)
{
    json_t *seconds = json_pack("{s:f, s:f, s:f, s:f, s:f, s:f}", "median_seconds", timing->median, "spread",
                                bench_spread(timing), "least_seconds", timing->least, "lower_quartile_seconds",
                                timing->lower, "upper_quartile_seconds", timing->upper, "most_seconds", timing->most);
    int status = seconds != NULL ? json_object_update(row, seconds) : -1;
    json_decref(seconds);
    return status;
}

/* What the work handles, connections, values or, in a pool, both; and its shares of the network's works. */
static int add_rates(json_t *row, const benchmark *bench, uint32_t index, const br_timing *timing)
{
    const bl_layer *layer = &bench->s->source.program->layers[index];
    uint32_t batch = bench->layers[index].batch;
    double rate = bench_connections(layer) * batch / timing->median, values = bench_values(layer, timing) * batch;
    int status = 0;
    if (!bench_of_places(timing))
        status = json_object_set_new(row, "connections_per_second", json_real(rate)) |
                 json_object_set_new(row, "share_of_peak", json_real(rate / bench->peak));
    if (values > 0)
        status |= json_object_set_new(row, "nanoseconds_per_value", json_real(1e9 * timing->median / values));
    for (int whole = 0; whole < BR_NETWORK_TIMINGS; whole++) {
        double share = bench_share(bench, index, timing, whole);
        if (share > 0)
            status |= json_object_set_new(row, wholes[whole].key, json_real(share));
    }
    return status;
}

static json_t *layer_json(const benchmark *bench, uint32_t index, const br_timing *timing)
{
    const bl_layer *layer = &bench->s->source.program->layers[index];
    const br_timings *all = &bench->layers[index];
    json_t *row = json_pack("{s:s, s:s, s:i, s:i, s:I, s:s, s:s, s:i, s:f}", "layer", layer->name, "kind",
                            layer_kind_name(layer), "inputs", (int)layer->inputs, "neurons", (int)layer->out.channels,
                            "places", (json_int_t)layer_places(layer), "work", timing->work, "form", timing->method,
                            "batch", (int)all->batch, "live", all->live);
    int status = row != NULL && bench_lists_quads(all, timing)
                     ? json_object_set_new(row, "live_quads", json_real(all->quads))
                     : 0;
    if (row == NULL || (status == 0 && add_rates(row, bench, index, timing) == 0))
        return row;
    json_decref(row);
    return NULL;
}

static json_t *network_json(const br_timings *all)
{
    return json_pack("{s:s, s:s, s:i, s:f}", "work", all->works[0].work, "form", all->works[0].method, "samples",
                     (int)all->batch, "samples_per_second", all->batch / all->works[0].median);
}

/* Takes ownership of `row`, which may be NULL. */
static int append(json_t *array, json_t *row, const br_timing *timing)
{
    if (row == NULL || add_seconds(row, timing) != 0) {
        json_decref(row);
        return -1;
    }
    return json_array_append_new(array, row);
}

static int fill(const benchmark *bench, json_t *layers, json_t *network)
{
    int status = layers != NULL && network != NULL ? 0 : -1;
    for (uint32_t layer = 0; status == 0 && layer < bench->s->source.program->layer_count; layer++)
        for (uint32_t i = 0; status == 0 && i < bench->layers[layer].count; i++) {
            const br_timing *timing = &bench->layers[layer].works[i];
            status = append(layers, layer_json(bench, layer, timing), timing);
        }
    for (size_t i = 0; status == 0 && i < BR_NETWORK_TIMINGS; i++)
        if (bench->network[i].count > 0)
            status = append(network, network_json(&bench->network[i]), &bench->network[i].works[0]);
    return status;
}

static json_t *head_json(const benchmark *bench)
{
    const machine_info *machine = &bench->machine;
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:f, s:i, s:b, s:f, s:f, s:f, s:b}", "version", BR_VERSION,
                     "llvm", bc_llvm_version(), "processor", machine->processor, "clock", machine->clock, "cpu",
                     bc_code_model(bench->s->compiled.code)->cpu, "threads", (int)bench->options.threads,
                     "threads_available", (int)machine->threads, "compile_seconds",
                     bc_code_seconds(bench->s->compiled.code), "repeat", (int)bench->options.repeat, "random_input",
                     bench->options.samples == NULL, "peak_multiply_adds_per_second", bench->peak, "peak_disagreement",
                     bench->disagreement, "widest_spread", bench->spread, "noisy", bench_noisy(bench));
}

int bench_print_json(const benchmark *bench, FILE *to)
{
    json_t *layers = json_array(), *network = json_array(), *all = head_json(bench);
    int status = fill(bench, layers, network);
    if (status == 0 && all != NULL)
        status = json_object_set(all, "layers", layers) | json_object_set(all, "network", network);
    if (status == 0 && all != NULL) { /* main checks standard output at the end */
        json_dumpf(all, to, JSON_REAL_PRECISION(6) | JSON_INDENT(2));
        fputc('\n', to);
    }
    bool failed = status != 0 || all == NULL;
    json_decref(layers);
    json_decref(network);
    json_decref(all);
    return failed ? fail_memory(bench->s->cli) : STATUS_DONE;
}
