/* bouton info: describes a network and its costs, and the state of a trained model. */
#include <stdio.h>

#include "session/methods.h"
#include "session/scoring.h"
#include "session/state.h"
#include "show/layer_facts.h"
#include "show/numbers.h"
#include "show/schema_view.h"
#include "show/score_view.h"
#include "show/table.h"
#include "verbs/info.h"
#include "verbs/verbs.h"

/* The encodings, which produce the values that the first layer reads. */
static void print_encodings(const bl_input *input)
{
    if (input->encoding_count == 0)
        return;
    printf("encoded %ux%ux%u:", input->encoded.height, input->encoded.width, input->encoded.channels);
    for (uint32_t i = 0; i < input->encoding_count; i++) {
        const bl_encoding *encoding = &input->encodings[i];
        printf("%s %s", i > 0 ? "," : "", bt_encoding_kind_word(encoding->kind));
        if (encoding->kind == BT_ENCODE_NORMALISE || encoding->kind == BT_ENCODE_WHITEN)
            printf(" %ux%u", encoding->height, encoding->width);
        else if (encoding->kind == BT_ENCODE_LEVELS)
            printf(encoding->tied ? " %u by %g tied" : " %u", encoding->levels, encoding->by);
    }
    putchar('\n');
}

static void print_position(const bl_program *program, const br_file_facts *facts)
{
    const bl_phase *phase = facts->phase < program->phase_count ? &program->phases[facts->phase] : NULL;
    printf("trained by bouton %s, seed %llu, ", facts->version, (unsigned long long)facts->seed);
    if (phase != NULL && phase->kind == BT_PHASE_COMPETE)
        printf("%s phase %s\n", facts->epoch > 0 ? "up to the end of" : "stopped in", phase->name);
    else
        printf("up to epoch %u of phase %s\n", facts->epoch, phase != NULL ? phase->name : "-");
}

/* The neuron formulas, each with the layers that use it. */
static void print_formulas(const bl_program *program)
{
    for (uint32_t i = 0; i < program->formula_count; i++) {
        bl_dump_formula(&program->formulas[i], stdout);
        const char *between = "  // ";
        for (uint32_t l = 0; l < program->layer_count; l++) {
            const bl_layer *layer = &program->layers[l];
            if (layer->fire != BT_FIRE_FORMULA || layer->formula != i)
                continue;
            printf("%s%s", between, layer->name);
            between = ", ";
        }
        putchar('\n');
    }
}

static int print_head(const session *s)
{
    int status = STATUS_DONE;
    const bl_program *program = s->source.program;
    const bl_input *input = &program->input;
    printf("network %s, rule %s\n", program->name, bt_rule_word(program->rule));
    if (input->image)
        printf("input   image %ux%u, %u channel%s, in [0, %.6g]\n", input->height, input->width, input->channels,
               input->channels == 1 ? "" : "s", input->range);
    else if (input->series)
        printf("input   series of %u, %u channel%s, in [0, %.6g]\n", input->width, input->channels,
               input->channels == 1 ? "" : "s", input->range);
    else
        printf("input   vector of %u, in [0, %.6g]\n", input->width, input->range);
    print_encodings(input);
    print_formulas(program);
    if (s->source.facts != NULL)
        print_position(program, s->source.facts);
    if (s->source.schema != NULL)
        status = schema_print(s->cli, s->source.schema, stdout);
    putchar('\n');
    return status;
}

static void layer_row(text_table *table, const bl_program *program, const bl_layer *layer, const bc_layer_plan *plan)
{
    number_buffer connections, parameters, bytes, operations;
    uint64_t count = layer_connections(layer);
    table_cell(table, "%s", layer->name);
    table_cell(table, "%s", layer_kind_name(layer));
    layer_shape_cell(table, layer);
    table_cell(table, "%s", number_grouped(connections, layer_places(layer) * count));
    table_cell(table, "%s", number_grouped(parameters, count + layer_thresholds(layer)));
    table_cell(table, "%s", number_bytes(bytes, layer_bytes(plan)));
    table_cell(table, "%s", number_grouped(operations, layer_operations(program, layer)));
}

static int print_layers(const session *s, const bc_plan *plan)
{
    static const char *const heads[] = {"layer", "kind", "shape", "connections", "parameters", "bytes", "operations"};
    text_table table = table_new(s->cli, sizeof heads / sizeof *heads);
    number_buffer connections, parameters, bytes_text, operations;
    uint64_t count = 0, parameters_count = 0, bytes = 0, operations_count = 0;
    for (size_t i = 0; i < table.columns; i++)
        table_cell(&table, "%s", heads[i]);
    uint32_t stored = bl_model_layers(s->source.program), shown = s->source.file != NULL ? stored : plan->layer_count;
    for (uint32_t i = 0; i < shown; i++) {
        const bl_layer *layer = &s->source.program->layers[i];
        layer_row(&table, s->source.program, layer, &plan->layers[i]);
        if (i >= stored)
            continue;
        count += layer_places(layer) * layer_connections(layer);
        parameters_count += layer_connections(layer) + layer_thresholds(layer);
        operations_count += layer_operations(s->source.program, layer);
        bytes += layer_bytes(&plan->layers[i]);
    }
    table_cell(&table, "all");
    table_cell(&table, "%s", "");
    table_cell(&table, "%s", "");
    table_cell(&table, "%s", number_grouped(connections, count));
    table_cell(&table, "%s", number_grouped(parameters, parameters_count));
    table_cell(&table, "%s", number_bytes(bytes_text, bytes));
    table_cell(&table, "%s", number_grouped(operations, operations_count));
    int status = table_print(&table, "lllr", 0, stdout);
    table_free(&table);
    puts("\nconnections: a shared filter counts at every position; parameters: a signed bound per connection, a "
         "threshold "
         "per neuron;\nbytes: parameters in memory, padded; operations: for one sample, if every input were live");
    if (shown > stored)
        puts("readouts are trained beside the network and are no part of the model, nor of the line `all`");
    return status;
}

static int print_state(const session *s)
{
    static const char *const heads[] = {"layer", "excitatory", "alpha", "from", "to", "silent", "theta"};
    text_table table = table_new(s->cli, sizeof heads / sizeof *heads);
    int status = STATUS_DONE;
    for (size_t i = 0; i < table.columns; i++)
        table_cell(&table, "%s", heads[i]);
    for (uint32_t i = 0; i < bl_model_layers(s->source.program) && status == STATUS_DONE; i++) {
        state_facts facts;
        if (s->source.program->layers[i].kind == BT_LAYER_POOL)
            continue;
        status = state_summary(s->cli, s->compiled.network, i, &facts);
        if (status != STATUS_DONE)
            break;
        table_cell(&table, "%s", s->source.program->layers[i].name);
        table_cell(&table, "%.1f%%", 100 * facts.excitatory);
        table_cell(&table, "%.3f +- %.3f", facts.alpha_mean, facts.alpha_deviation);
        table_cell(&table, "%.3f", facts.alpha_least);
        table_cell(&table, "%.3f", facts.alpha_most);
        table_cell(&table, "%.1f%%", 100 * facts.silent);
        table_cell(&table, "%.3f", facts.theta_mean);
    }
    if (status == STATUS_DONE) {
        puts("\ntrained state (alpha: mean and standard deviation, smallest, largest; silent: for every input; theta: "
             "mean)");
        status = table_print(&table, "lr", 0, stdout);
    }
    table_free(&table);
    return status;
}

/* Prints live shares, which need samples. */
static int print_live(session *s)
{
    br_score score;
    int status = score_test(s, &score);
    if (status != STATUS_DONE)
        return status;
    status = score_print_live(s->cli, s->source.program, &score, stdout);
    br_score_free(&score);
    return status;
}

/* For a text: the methods that the first training samples select. */
static int print_forms(session *s)
{
    br_data *data;
    br_error error;
    s->compiled.inference_only = true;
    int status = session_compile(s);
    if (status == STATUS_DONE)
        status = session_data(s, &data);
    if (status != STATUS_DONE)
        return status;
    if (br_methods_choose(s->compiled.network, br_data_split(data, BT_SPLIT_TRAIN), &error) != 0)
        status = fail_with(s->cli, &error);
    br_data_free(data);
    return status == STATUS_DONE ? methods_print(s->cli, &s->compiled, stdout) : status;
}

static int print_all(session *s)
{
    br_error error;
    bc_plan *plan;
    bc_options options = session_options(s);
    if (bc_plan_new(s->source.program, &options, &plan, &error) != 0)
        return fail_with(s->cli, &error);
    bool json = cli_has(s->cli, OPTION_json);
    int status = json ? info_print_json(s, plan) : print_head(s);
    if (status == STATUS_DONE && !json)
        status = print_layers(s, plan);
    if (status == STATUS_DONE && cli_has(s->cli, OPTION_plan)) {
        putchar('\n');
        bc_plan_print(plan, stdout);
    }
    bc_plan_free(plan);
    bool data = cli_has(s->cli, OPTION_data);
    if (json)
        return status;
    if (status == STATUS_DONE && s->source.file == NULL && data)
        return print_forms(s);
    if (status != STATUS_DONE || s->source.file == NULL)
        return status;
    s->compiled.inference_only = true;
    status = session_compile(s);
    if (status == STATUS_DONE)
        status = print_state(s);
    if (status == STATUS_DONE && data)
        status = print_live(s);
    if (status == STATUS_DONE && data && cli_has(s->cli, OPTION_plan))
        status = methods_print(s->cli, &s->compiled, stdout);
    return status;
}

int verb_info(const command_line *cli)
{
    session s;
    int status = session_open(&s, cli, cli->operands[0]);
    if (status == STATUS_DONE && s.source.file == NULL && cli_has(cli, OPTION_data) && !cli_has(cli, OPTION_plan))
        status = fail(cli, STATUS_USAGE,
                      "--data %s: live connections are shown for trained models only, and %s is a text; add --plan to "
                      "see the method of each layer",
                      cli_text(cli, OPTION_data), s.source.path);
    if (status == STATUS_DONE && cli_has(cli, OPTION_json) && cli_has(cli, OPTION_data))
        status = fail(cli, STATUS_USAGE, "--json prints no live connections; leave out --data, or --json");
    if (status == STATUS_DONE)
        status = session_check(&s);
    if (status == STATUS_DONE)
        status = print_all(&s);
    session_close(&s);
    return status;
}
