/* bouton bench: connections per second of each layer's kernels, on one thread.
 *
 * A connection answered, or learned, for one sample counts one, live or silent: dense-equivalent, so that skipping
 * silent work shows as speed. Shared filters count at every place; a pool, which has no connections, counts the values
 * it reads. */
#include <jansson.h>

#include "layer_facts.h"
#include "machine.h"
#include "numbers.h"
#include "session.h"
#include "table.h"
#include "verbs.h"

#define REPEAT_DEFAULT 21
#define BATCH_DEFAULT  64   /* of a layer no phase learns */
#define LIVE_DEFAULT   0.2  /* about the ink of handwritten digits */
#define NOISE_MOST     1.25 /* median over fastest; above it the machine was busy with something else */

typedef struct bench {
    session *session;
    uint64_t repeat, batch; /* batch 0: the schedule's */
    double live;
    table table;
    json_t *layers; /* NULL: a table is asked for */
    bool noisy;
} bench;

static const char *const work_names[BR_WORKS] = {
    [BR_WORK_FORWARD] = "forward", [BR_WORK_FEEDBACK] = "feedback", [BR_WORK_STEP] = "step"};

/* The batch the layer is learned with, by the first phase that does. */
static uint32_t batch_of(const bench *bench, uint32_t layer)
{
    const br_schedule *schedule = &bench->session->schedule;
    if (bench->batch > 0)
        return (uint32_t)bench->batch;
    for (uint32_t p = 0; p < schedule->phase_count; p++)
        for (uint32_t i = 0; schedule->phases[p].kind == BR_PHASE_CORRECT && i < schedule->phases[p].layer_count; i++)
            if (schedule->phases[p].layers[i] == layer)
                return schedule->phases[p].batch;
    return BATCH_DEFAULT;
}

static void add_row(bench *bench, const bl_layer *layer, const char *work, uint32_t batch, double rate,
                    const br_timing *timing)
{
    number_room rate_text, seconds;
    double spread = (timing->most - timing->least) / timing->median;
    table_cell(&bench->table, "%s", layer->name);
    layer_shape_cell(&bench->table, layer);
    table_cell(&bench->table, "%s", work);
    table_cell(&bench->table, "%u", batch);
    table_cell(&bench->table, "%s/s", number_scaled(rate_text, rate));
    table_cell(&bench->table, "%s", number_seconds(seconds, timing->median));
    table_cell(&bench->table, "%.0f%%", 100 * spread);
}

static int add_json(bench *bench, const bl_layer *layer, const char *work, uint32_t batch, double rate,
                    const br_timing *timing)
{
    json_t *row =
        json_pack("{s:s, s:i, s:i, s:I, s:s, s:i, s:f, s:f, s:f, s:f}", "layer", layer->name, "inputs",
                  (int)layer->inputs, "neurons", (int)layer->neurons, "places", (json_int_t)layer_places(layer), "work",
                  work, "batch", (int)batch, "connections_per_second", rate, "median_seconds", timing->median,
                  "least_seconds", timing->least, "most_seconds", timing->most);
    return json_array_append_new(bench->layers, row) == 0 ? STATUS_DONE : fail_memory(bench->session->cli);
}

static double operations_of(const bl_layer *layer)
{
    uint64_t connections = layer_places(layer) * layer_connections(layer);
    return (double)(layer->kind == BL_POOL ? layer_values_read(layer) : connections);
}

/* A kernel that doesn't exist takes a moment too. */
static bool has_work(const br_layer_code *code, br_work_kind work)
{
    return work == BR_WORK_FORWARD || (work == BR_WORK_FEEDBACK ? code->feedback != NULL : code->step != NULL);
}

static int bench_layer(bench *bench, uint32_t index)
{
    const session *session = bench->session;
    const bl_layer *layer = &session->program->layers[index];
    const br_layer_code *code = &bc_code_model(session->code)->layers[index];
    uint32_t batch = batch_of(bench, index);
    br_timing timings[BR_WORKS];
    br_error error;
    if (br_time_layer(session->network, index, batch, bench->live, (uint32_t)bench->repeat, session->seed, timings,
                      &error) != 0)
        return fail_with(session->cli, &error);
    int status = STATUS_DONE;
    for (int work = 0; work < BR_WORKS && status == STATUS_DONE; work++) {
        if (!has_work(code, (br_work_kind)work) || !(timings[work].median > 0))
            continue;
        if (timings[work].median > NOISE_MOST * timings[work].least)
            bench->noisy = true;
        double rate = operations_of(layer) * batch / timings[work].median;
        if (bench->layers == NULL)
            add_row(bench, layer, work_names[work], batch, rate, &timings[work]);
        else
            status = add_json(bench, layer, work_names[work], batch, rate, &timings[work]);
    }
    return status;
}

/* ---- results
 * ------------------------------------------------------------------------------------------------------------ */

static int print_table(bench *bench)
{
    number_room seconds;
    machine machine = machine_facts();
    printf("bouton %s, compiled for %s in %s\n", BR_VERSION, bc_code_model(bench->session->code)->cpu,
           number_seconds(seconds, bc_code_seconds(bench->session->code)));
    printf("%s%s%s, %u thread%s, 1 used\n", machine.processor, machine.clock[0] != '\0' ? ", " : "", machine.clock,
           machine.threads, machine.threads == 1 ? "" : "s");
    printf("%llu repeats, %.0f%% of inputs live\n\n", (unsigned long long)bench->repeat, 100 * bench->live);
    return table_print(&bench->table, "lllr", 0, stdout);
}

static int print_json(bench *bench)
{
    machine machine = machine_facts();
    json_t *all =
        json_pack("{s:s, s:s, s:s, s:s, s:i, s:f, s:i, s:f, s:O}", "version", BR_VERSION, "processor",
                  machine.processor, "clock", machine.clock, "cpu", bc_code_model(bench->session->code)->cpu,
                  "threads_available", (int)machine.threads, "compile_seconds", bc_code_seconds(bench->session->code),
                  "repeat", (int)bench->repeat, "live", bench->live, "layers", bench->layers);
    if (all == NULL)
        return fail_memory(bench->session->cli);
    json_dumpf(all, stdout, JSON_REAL_PRECISION(6) | JSON_INDENT(2)); /* a lost write is seen at the program's end */
    putchar('\n');
    json_decref(all);
    return STATUS_DONE;
}

static int run_layers(bench *bench)
{
    static const char *const heads[] = {"layer", "shape", "work", "batch", "connections", "median", "spread"};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        table_cell(&bench->table, "%s", heads[i]);
    int status = STATUS_DONE;
    for (uint32_t layer = 0; layer < bench->session->program->layer_count && status == STATUS_DONE; layer++)
        status = bench_layer(bench, layer);
    if (status == STATUS_DONE)
        status = bench->layers == NULL ? print_table(bench) : print_json(bench);
    if (status == STATUS_DONE && bench->noisy)
        say(bench->session->cli, MESSAGE_WARNING,
            "Half the runs of a kernel took a quarter longer than its fastest: the machine is noisy; repeat when it is "
            "idle");
    return status;
}

static int bench_session(session *session)
{
    const cli *cli = session->cli;
    bench bench = {.session = session, .table = table_new(cli, 7)};
    int status = cli_number(cli, OPTION_repeat, 3, 1000000, REPEAT_DEFAULT, &bench.repeat);
    if (status == STATUS_DONE)
        status = cli_number(cli, OPTION_batch, 1, 65536, 0, &bench.batch);
    if (status == STATUS_DONE)
        status = cli_share(cli, OPTION_live, LIVE_DEFAULT, &bench.live);
    if (status == STATUS_DONE && cli_has(cli, OPTION_json) && (bench.layers = json_array()) == NULL)
        status = fail_memory(cli);
    if (status == STATUS_DONE)
        status = session_check(session);
    if (status == STATUS_DONE)
        status = session_compile(session);
    if (status == STATUS_DONE)
        status = run_layers(&bench);
    json_decref(bench.layers);
    table_free(&bench.table);
    return status;
}

int verb_bench(const cli *cli)
{
    session session;
    int status = session_open(&session, cli, cli->operands[0]);
    if (status == STATUS_DONE)
        status = bench_session(&session);
    session_close(&session);
    return status;
}
