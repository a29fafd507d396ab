#include "session/methods.h"

#include <stdlib.h>
#include <string.h>

#include "show/table.h"

static int layer_named(const command_line *cli, const bl_program *program, const option_setting *setting, uint32_t *out)
{
    const char **names = malloc(program->layer_count * sizeof *names);
    char *asked = text_copy(cli, setting->name, setting->name_length);
    int status = names == NULL || asked == NULL ? fail_memory(cli) : STATUS_USAGE;
    for (uint32_t i = 0; names != NULL && asked != NULL && i < program->layer_count; i++) {
        names[i] = program->layers[i].name;
        if (strcmp(names[i], asked) == 0) {
            *out = i;
            status = STATUS_DONE;
        }
    }
    if (status == STATUS_USAGE) {
        const char *near = bl_nearest(asked, names, program->layer_count);
        status =
            fail(cli, STATUS_USAGE, "--set %s: network %s has no layer '%s'%s%s%s", setting->text, program->name, asked,
                 near != NULL ? "; did you mean '" : "", near != NULL ? near : "", near != NULL ? "'?" : "");
    }
    free(names);
    free(asked);
    return status;
}

static bt_method *all_measured(uint32_t count)
{
    bt_method *methods = malloc(count * sizeof *methods);
    for (uint32_t i = 0; methods != NULL && i < count; i++)
        methods[i] = BC_METHOD_MEASURED;
    return methods;
}

int methods_resolve(const command_line *cli, const bl_program *program, bt_method **methods)
{
    for (size_t i = 0; i < cli->setting_count; i++) {
        const option_setting *setting = &cli->settings[i];
        uint32_t layer = 0;
        if (setting->method == BC_METHOD_MEASURED)
            continue;
        if (*methods == NULL && (*methods = all_measured(program->layer_count)) == NULL)
            return fail_memory(cli);
        int status = layer_named(cli, program, setting, &layer);
        if (status != STATUS_DONE)
            return status;
        (*methods)[layer] = setting->method;
    }
    return STATUS_DONE;
}

/* The share of live inputs from which tiles are used. A requested method does not depend on it. */
static void share_cell(text_table *table, bool asked, float above)
{
    if (asked || above >= 1)
        table_cell(table, "-");
    else
        table_cell(table, "%.0f%%", 100 * (double)above);
}

int methods_print(const command_line *cli, const compiled_network *compiled, FILE *to)
{
    const br_model *model = bc_code_model(compiled->code);
    text_table table = table_new(cli, 6);
    table_cell(&table, "layer");
    table_cell(&table, "training");
    table_cell(&table, "inference");
    table_cell(&table, "live inputs");
    table_cell(&table, "dense from");
    table_cell(&table, "packed from");
    for (uint32_t i = 0; i < model->layer_count; i++) {
        bt_method training, inference;
        double live;
        if (!br_methods_of(compiled->network, i, &training, &inference, &live))
            continue;
        bool asked = compiled->methods != NULL && compiled->methods[i] != BC_METHOD_MEASURED;
        table_cell(&table, "%s", model->layers[i].name);
        bool packed = asked && compiled->methods[i] == BT_METHOD_PACKED;
        table_cell(&table, "%s%s", bt_method_word(training), asked && !packed ? ", as set" : "");
        table_cell(&table, "%s%s", bt_method_word(inference), packed ? ", as set" : "");
        table_cell(&table, "%.0f%%", 100 * live);
        share_cell(&table, asked, model->layers[i].layout.dense_above);
        share_cell(&table, asked, model->layers[i].layout.packed_above);
    }
    fputs("\nmethods (chosen by the live inputs of the first samples)\n", to);
    int status = table_print(&table, "lllr", 2, to);
    table_free(&table);
    return status;
}
